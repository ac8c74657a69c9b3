#include "data/npy.h"

#include <string.h>

/* Elements that are decoded at once. */
enum { PIECE = 1024, MOST_SIZE = 8 };

/* One column of what counts is labels. */
int tl_npy_dtype(const tl_npy_header *header, tl_npy_role role)
{
    if (role == TL_NPY_ARRAY)
        return header->element->as_array;
    if (role == TL_NPY_TARGETS && header->cols == 1 && tl_npy_element_counts(header->element))
        return TALUS_DTYPE_I32;
    return header->element->as_value;
}

static bool is_little_endian(void)
{
    uint16_t one = 1;
    unsigned char low;
    memcpy(&low, &one, 1);
    return low == 1;
}

/* Where the elements of a file, in their order, stand in the array. */
typedef struct places {
    const tl_npy_header *header;
    int64_t index[TL_NPY_DIMENSIONS], step[TL_NPY_DIMENSIONS];
    int64_t next;
} places;

/* In the array the last dimension runs fastest. */
static places places_of(const tl_npy_header *header)
{
    places all = {.header = header};
    int64_t step = 1;
    for (int k = header->dimensions - 1; k >= 0; k--) {
        all.step[k] = step;
        step *= header->sizes[k];
    }
    return all;
}

static int64_t next_place(places *all)
{
    int64_t place = all->next++;
    if (!all->header->fortran)
        return place;
    all->next = place;
    for (int k = 0; k < all->header->dimensions; k++) {
        all->next += all->step[k];
        if (++all->index[k] < all->header->sizes[k])
            break;
        all->next -= all->step[k] * all->header->sizes[k];
        all->index[k] = 0;
    }
    return place;
}

static talus_status refuse_number(const tl_content *content, const tl_npy_header *header, int64_t place,
                                  const unsigned char *element)
{
    return tl_fail(content->context, TALUS_ERROR_DATA,
                   "%s: row %lld, column %lld (counted from 0) must fit into 32 bits, got %.0f",
                   content->name, (long long)(place / header->cols), (long long)(place % header->cols),
                   tl_npy_number(header->element, header->big_endian, element));
}

static talus_status read_pieces(tl_content *content, const tl_npy_header *header, const talus_matrix *matrix)
{
    unsigned char elements[PIECE * MOST_SIZE];
    double numbers[PIECE];
    const size_t size = tl_dtype_size(matrix->dtype), stored = (size_t)header->element->size;
    const int64_t count = matrix->rows * matrix->cols;
    places all = places_of(header);
    for (int64_t first = 0; first < count; first += PIECE) {
        int64_t wanted = count - first < PIECE ? count - first : PIECE;
        talus_status status = tl_content_read(content, elements, wanted * (int64_t)stored);
        if (status != TALUS_OK)
            return status;
        int64_t turned = tl_npy_decode(header->element, header->big_endian, elements, wanted, matrix->dtype,
                                       numbers);
        for (int64_t i = 0; i < turned; i++)
            memcpy((char *)matrix->data + (size_t)next_place(&all) * size,
                   (const char *)numbers + (size_t)i * size, size);
        if (turned < wanted)
            return refuse_number(content, header, next_place(&all), elements + (size_t)turned * stored);
    }
    return TALUS_OK;
}

bool tl_npy_is_memory(const tl_npy_header *header, int dtype)
{
    const tl_npy_element *element = header->element;
    bool is_label = element->kind == 'i' && element->size == 4 && dtype == TALUS_DTYPE_I32;
    bool is_ordered = element->size == 1 || header->big_endian != is_little_endian();
    bool is_line = header->dimensions <= 2 && (header->rows == 1 || header->cols == 1);
    return (element->is_plain || is_label) && tl_dtype_size(dtype) == (size_t)element->size && is_ordered &&
           (!header->fortran || is_line);
}

static talus_status read_elements(tl_content *content, const tl_npy_header *header,
                                  const talus_matrix *matrix)
{
    if (tl_npy_is_memory(header, matrix->dtype))
        return tl_content_read(content, matrix->data, matrix->rows * matrix->cols * header->element->size);
    return read_pieces(content, header, matrix);
}

talus_status tl_npy_read(tl_content *content, tl_npy_role role, talus_matrix *matrix)
{
    tl_npy_header header;
    talus_status status = tl_npy_read_header(content, &header);
    if (status != TALUS_OK)
        return status;
    int dtype = tl_npy_dtype(&header, role);
    talus_matrix made = talus_matrix_view(NULL, dtype, header.rows, header.cols);
    made.data = tl_allocate_unfilled(content->context,
                                     (size_t)(header.rows * header.cols) * tl_dtype_size(dtype));
    if (made.data == NULL)
        return tl_fail(content->context, TALUS_ERROR_MEMORY, "there is no memory for the elements of %s",
                       content->name);
    status = read_elements(content, &header, &made);
    if (status == TALUS_OK)
        *matrix = made;
    else
        tl_release(content->context, made.data);
    return status;
}
