/* Gives a target every file of a directory:  replay DIRECTORY */
#include <dirent.h>
#include <stdio.h>

#include "fuzz.h"

enum { MOST_BYTES = 1 << 20 };

static void replay(const char *directory, const char *name)
{
    char path[4096];
    require(snprintf(path, sizeof path, "%s/%s", directory, name) < (int)sizeof path);
    FILE *file = fopen(path, "rb");
    uint8_t *read = malloc(MOST_BYTES);
    require(file != NULL && read != NULL);
    size_t size = fread(read, 1, MOST_BYTES, file);
    fclose(file);
    fprintf(stderr, "%s, %zu bytes\n", name, size);
    uint8_t *exact = malloc(size + 1); /* so that sanitizers see where it ends */
    require(exact != NULL);
    memcpy(exact + 1, read, size);
    free(read);
    LLVMFuzzerTestOneInput(exact + 1, size);
    free(exact);
}

int main(int argc, char **argv)
{
    DIR *directory = argc == 2 ? opendir(argv[1]) : NULL;
    if (directory == NULL) {
        fprintf(stderr, "usage: %s DIRECTORY\n", argv[0]);
        return 2;
    }
    int files = 0;
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        if (entry->d_name[0] != '.')
            replay(argv[1], entry->d_name), files++;
    }
    closedir(directory);
    printf("%d files did no harm\n", files);
    return files == 0;
}
