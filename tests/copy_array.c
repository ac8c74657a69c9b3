/* Reads an array and writes it again, for tests that have another program's view of both:  copy_array FROM TO [NAME] */
#include <stdio.h>
#include <talus/talus.h>

int main(int argc, char **argv)
{
    talus_context *context = NULL;
    talus_array *array = NULL;
    talus_matrix matrix;
    if (argc < 3 || talus_context_create(NULL, &context) != TALUS_OK)
        return 2;
    talus_status status = argc > 3 ? talus_array_read_npz(context, argv[1], argv[3], &array)
                                   : talus_array_read_npy(context, argv[1], &array);
    if (status == TALUS_OK)
        status = talus_array_matrix(array, &matrix);
    if (status == TALUS_OK)
        status = talus_array_write_npy(context, &matrix, argv[2]);
    if (status != TALUS_OK)
        fprintf(stderr, "%s\n", talus_error_message(context));
    talus_array_destroy(array);
    talus_context_destroy(context);
    return status != TALUS_OK;
}
