/* Order statistics by their digits: numbers are mapped to keys that are ordered as they are, and each sweep finds one more byte
 * of the keys of those that are looked for, by counting. */
#include "data/quartiles.h"

#include <string.h>

enum { RANKS = 2 * TL_QUARTILES, BYTES = 8, VALUES = 256 };

/* A number that is looked for in a column: its rank among those whose keys begin as its key does. */
typedef struct search {
    uint64_t key; /* the bytes that are known; the others 0 */
    int64_t rank;
    int64_t counts[VALUES]; /* of the next byte, of those keys */
} search;

typedef struct searches {
    search *of;       /* RANKS a column */
    int64_t *counted; /* numbers of each column */
    int byte;         /* that is looked for next: 7 is the highest */
} searches;

/* The bits of a double, of which a larger number has more; and back. */
static uint64_t key_of(double x)
{
    const uint64_t sign = UINT64_C(1) << 63;
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits & sign ? ~bits : bits | sign;
}

static double number_of(uint64_t key)
{
    const uint64_t sign = UINT64_C(1) << 63, bits = key & sign ? key & ~sign : ~key;
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* Whether the bytes above the one that is looked for are the same. */
static bool begins_as(uint64_t key, uint64_t known, int byte)
{
    return byte == BYTES - 1 || (key ^ known) >> (8 * (byte + 1)) == 0;
}

static void count_bytes(void *state, int64_t first, int64_t count, const double *x)
{
    const searches *all = state;
    for (int64_t j = 0; j < count; j++) {
        if (x[j] != x[j])
            continue;
        const uint64_t key = key_of(x[j]);
        search *of = all->of + RANKS * (first + j);
        for (int r = 0; r < RANKS; r++)
            of[r].counts[key >> 8 * all->byte & 0xff] += begins_as(key, of[r].key, all->byte);
    }
}

/* The ranks that the quartiles of a column are made of: ⌊h⌋, and the next or the last. */
static void begin(search *of, int64_t *counted)
{
    int64_t n = 0;
    for (int v = 0; v < VALUES; v++)
        n += of->counts[v];
    for (int q = 0; q < TL_QUARTILES; q++) {
        const int64_t whole = n == 0 ? 0 : (n - 1) / 4 * (q + 1) + (n - 1) % 4 * (q + 1) / 4;
        of[2 * q].rank = whole;
        of[2 * q + 1].rank = whole + 1 < n ? whole + 1 : whole;
    }
    *counted = n;
}

/* Takes the byte behind which the rank lies. */
static void narrow(search *one, int byte)
{
    int v = 0;
    while (v < VALUES - 1 && one->rank >= one->counts[v])
        one->rank -= one->counts[v++];
    one->key |= (uint64_t)v << 8 * byte;
    memset(one->counts, 0, sizeof one->counts);
}

static double quartile_of(const search *of, int64_t n, int q)
{
    const double low = number_of(of[2 * q].key), high = number_of(of[2 * q + 1].key);
    return n == 0 ? 0 : low + (double)((n - 1) % 4 * (q + 1) % 4) / 4 * (high - low);
}

static talus_status find(const tl_sweep *sweep, searches *all, double *quartiles)
{
    talus_status status = TALUS_OK;
    for (all->byte = BYTES - 1; all->byte >= 0 && status == TALUS_OK; all->byte--) {
        status = tl_sweep_run(sweep, count_bytes, all);
        for (int64_t j = 0; all->byte == BYTES - 1 && j < sweep->columns; j++)
            begin(all->of + RANKS * j, &all->counted[j]);
        for (int64_t i = 0; i < RANKS * sweep->columns; i++)
            narrow(&all->of[i], all->byte);
    }
    for (int64_t j = 0; j < sweep->columns; j++)
        for (int q = 0; q < TL_QUARTILES; q++)
            quartiles[TL_QUARTILES * j + q] = quartile_of(all->of + RANKS * j, all->counted[j], q);
    return status;
}

talus_status tl_quartiles_find(talus_context *context, const char *name, const tl_sweep *sweep,
                               double *quartiles)
{
    int64_t bytes, most;
    searches all = {0};
    if (tl_multiply(sweep->columns, RANKS * (int64_t)sizeof *all.of, &bytes) &&
        tl_multiply(sweep->columns, (int64_t)sizeof *all.counted, &most)) {
        all.of = tl_allocate(context, (size_t)bytes);
        all.counted = tl_allocate(context, (size_t)most);
    }
    talus_status status = all.of != NULL && all.counted != NULL
                              ? find(sweep, &all, quartiles)
                              : tl_fail(context, TALUS_ERROR_MEMORY,
                                        "%s: there is no memory for the quartiles of %lld columns", name,
                                        (long long)sweep->columns);
    tl_release(context, all.of);
    tl_release(context, all.counted);
    return status;
}
