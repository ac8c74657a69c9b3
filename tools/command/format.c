#include "format.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[FORMAT_COUNT] = {"table", "idx", "npy", "npz", "libsvm"};

const char *format_name(int format)
{
    return names[format];
}

int format_value(const char *name)
{
    for (int i = 0; i < FORMAT_COUNT; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    return -1;
}

/* Whether a name of some length ends so. */
static int ends_with(const char *name, size_t length, const char *end)
{
    const size_t of_end = strlen(end);
    return length >= of_end && memcmp(name + length - of_end, end, of_end) == 0;
}

/* By the name without .gz; −1 if it does not tell. Files of the MNIST family are called like "train-images-idx3-ubyte". */
static int by_name(const char *path)
{
    static const struct {
        const char *end;
        int format;
    } endings[] = {{".csv", FORMAT_TABLE}, {".tsv", FORMAT_TABLE},     {".npy", FORMAT_NPY},
                   {".npz", FORMAT_NPZ},   {".libsvm", FORMAT_LIBSVM}, {".svmlight", FORMAT_LIBSVM},
                   {".svm", FORMAT_LIBSVM}};
    const char *slash = strrchr(path, '/'), *name = slash == NULL ? path : slash + 1;
    size_t length = strlen(name);
    length -= ends_with(name, length, ".gz") ? 3 : 0;
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (ends_with(name, length, endings[i].end))
            return endings[i].format;
    return strstr(name, "idx") != NULL || strstr(name, "ubyte") != NULL ? FORMAT_IDX : -1;
}

/* One line in the LIBSVM format: a number, and then pairs index:number with ascending indexes, parted by spaces. Counts the pairs. */
static int is_sample(const char *line, int *pairs)
{
    char *end;
    long index, before = 0;
    (void)strtod(line, &end);
    if (end == line)
        return 0;
    for (line = end; line[strspn(line, " ")] != '\0' && line[strspn(line, " ")] != '#'; line = end) {
        if (*line != ' ')
            return 0;
        index = strtol(line, &end, 10);
        if (end == line || *end != ':' || index <= before || end[1] == ' ' || end[1] == '\0')
            return 0;
        line = end + 1, before = index, ++*pairs;
        (void)strtod(line, &end);
        if (end == line)
            return 0;
    }
    return 1;
}

/* Whether a text begins as one in the LIBSVM format; the last line or pair may be cut. */
static int is_libsvm(char *text, int cut)
{
    int pairs = 0;
    for (char *line = text, *next; line != NULL && *line != '\0'; line = next) {
        char *end = line + strcspn(line, "\r\n");
        next = *end == '\0' ? NULL : end + 1;
        if (next == NULL && cut) {
            if (line != text)
                break;
            end = strrchr(line, ' ');
            if (end == NULL)
                return 0;
        }
        *end = '\0';
        const char *start = line + strspn(line, " ");
        if (*start != '\0' && *start != '#' && !is_sample(start, &pairs))
            return 0;
    }
    return pairs > 0;
}

static int by_content(const char *path)
{
    char begin[4097] = "";
    FILE *file = fopen(path, "rb");
    const size_t count = file == NULL ? 0 : fread(begin, 1, sizeof begin - 1, file);
    if (file != NULL)
        fclose(file);
    if (count >= 6 && memcmp(begin, "\x93NUMPY", 6) == 0)
        return FORMAT_NPY;
    if (count >= 4 && memcmp(begin, "PK\3\4", 4) == 0)
        return FORMAT_NPZ;
    if (count >= 4 && begin[0] == 0 && begin[1] == 0 && begin[2] >= 8 && begin[2] <= 14 && begin[3] >= 1)
        return FORMAT_IDX;
    return memchr(begin, 0, count) == NULL && is_libsvm(begin, count == sizeof begin - 1) ? FORMAT_LIBSVM
                                                                                          : FORMAT_TABLE;
}

int format_of(const char *name, const char *path)
{
    const int named = strcmp(name, "-") == 0 ? -1 : by_name(name);
    return named >= 0 ? named : by_content(path);
}
