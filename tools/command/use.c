/* Commands that use a model: predict, evaluate, export. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "judge.h"
#include "use.h"

int open_use(use *of, command_line *line, int with_targets)
{
    *of = (use){.line = line, .context = open_context(line)};
    if (of->context == NULL || !load_model(of->context, line->operands[0], &of->network, &of->columns))
        return 0;
    const data_shape like = {of->columns, talus_network_columns(of->network),
                             is_classifier(of->network, of->columns), with_targets, text_of(line, "labels")};
    return line->operand_count < 2 || read_further(line, of->context, line->operands[1], &like, &of->data);
}

void close_use(use *of)
{
    free_data(&of->data);
    talus_columns_destroy(of->columns);
    talus_network_destroy(of->network);
    talus_context_destroy(of->context);
}

static void print_csv_text(FILE *to, const char *text)
{
    if (strpbrk(text, ",\"\r\n") == NULL) {
        fputs(text, to);
        return;
    }
    fputc('"', to);
    for (; *text != '\0'; text++)
        fprintf(to, *text == '"' ? "\"\"" : "%c", *text);
    fputc('"', to);
}

/* That of one of so many, where columns have no names. */
static const char *target_name(const use *of, int64_t i, int64_t count, char text[64])
{
    for (int64_t k = 0; k < talus_columns_count(of->columns); k++) {
        talus_column column;
        if (talus_columns_get(of->columns, k, &column) == TALUS_OK && column.role == TALUS_ROLE_TARGET &&
            column.first == i && column.name[0] != '\0')
            return column.name;
    }
    if (count == 1)
        return "prediction";
    snprintf(text, 64, "prediction%lld", (long long)i + 1);
    return text;
}

/* Whether the probabilities of classes are printed. */
static int prints_probabilities(const use *of)
{
    return has_probabilities(of->network) && !is_given(of->line, "classes");
}

/* The header: the names of targets; of classes, that of the target and one probability each. */
static void print_header(FILE *to, const use *of, int64_t outputs)
{
    char text[64];
    const int classes = is_classifier(of->network, of->columns);
    if (classes) {
        print_csv_text(to, target_name(of, 0, 1, text));
        for (int64_t k = 0; prints_probabilities(of) && k < (outputs == 1 ? 2 : outputs); k++) {
            char name[300];
            snprintf(name, sizeof name, "p_%s", class_name(of->columns, k, text));
            fputc(',', to);
            print_csv_text(to, name);
        }
    }
    for (int64_t k = 0; !classes && k < outputs; k++) {
        fputs(k == 0 ? "" : ",", to);
        print_csv_text(to, target_name(of, k, outputs, text));
    }
    fputc('\n', to);
}

/* With as many digits as its precision has; in f64 those that give the same number again. */
static void print_number(FILE *to, const use *of, double number)
{
    char text[40];
    int digits = talus_network_precision(of->network) == TALUS_DTYPE_F64 ? 15 : 9;
    do
        snprintf(text, sizeof text, "%.*g", digits, number);
    while (digits >= 15 && strtod(text, NULL) != number && ++digits <= 17);
    fputs(text, to);
}

static void print_row(FILE *to, const use *of, const double *row, int64_t outputs)
{
    char text[64];
    const int classes = is_classifier(of->network, of->columns);
    if (classes)
        print_csv_text(to, class_name(of->columns, class_of(of->network, row, outputs), text));
    if (classes && outputs == 1 && prints_probabilities(of)) {
        fputc(',', to);
        print_number(to, of, 1 - row[0]);
    }
    for (int64_t k = 0; (!classes || prints_probabilities(of)) && k < outputs; k++) {
        fputs(classes || k > 0 ? "," : "", to);
        print_number(to, of, row[k]);
    }
    fputc('\n', to);
}

/* So many rows of a matrix. */
static talus_matrix rows_of(const talus_matrix *m, int64_t first, int64_t count)
{
    static const size_t sizes[] = {[TALUS_DTYPE_F32] = 4, [TALUS_DTYPE_F64] = 8, [TALUS_DTYPE_U8] = 1};
    const int64_t stride = m->stride == 0 ? m->cols : m->stride;
    talus_matrix rows = *m;
    rows.data = (char *)m->data + (size_t)(first * stride) * sizes[m->dtype];
    rows.rows = count;
    return rows;
}

/* Predicts batch by batch and prints. */
static int print_predictions(FILE *to, use *of)
{
    enum { BATCH = 1024 };
    talus_workspace *workspace = NULL;
    talus_matrix inputs;
    const int64_t samples = talus_dataset_samples(of->data.dataset);
    const int64_t outputs = talus_network_width(of->network, talus_network_layer_count(of->network));
    double *out = malloc((size_t)(BATCH * outputs) * sizeof *out);
    talus_status status = talus_workspace_create(of->context, of->network, BATCH, &workspace);
    if (status == TALUS_OK)
        status = talus_dataset_matrices(of->data.dataset, &inputs, NULL);
    print_header(to, of, outputs);
    for (int64_t first = 0; out != NULL && status == TALUS_OK && first < samples; first += BATCH) {
        const int64_t count = samples - first < BATCH ? samples - first : BATCH;
        talus_matrix some = rows_of(&inputs, first, count);
        talus_matrix a = talus_matrix_view(out, TALUS_DTYPE_F64, count, outputs);
        status = talus_predict(of->network, workspace, &some, &a);
        for (int64_t i = 0; status == TALUS_OK && i < count; i++)
            print_row(to, of, out + i * outputs, outputs);
    }
    talus_workspace_destroy(workspace);
    free(out);
    return status == TALUS_OK && out != NULL ? DONE : report_failure(of->context);
}

static int predict_to_file(use *of)
{
    const char *path = text_of(of->line, "out");
    FILE *to = path == NULL ? stdout : fopen(path, "w");
    if (to == NULL) {
        fprintf(stderr, "talus: --out: \"%s\" cannot be written: %s\n", path, strerror(errno));
        return FAILED;
    }
    int status = print_predictions(to, of);
    int failed = fflush(to) != 0 || ferror(to);
    if (path != NULL && fclose(to) != 0)
        failed = 1;
    if (failed)
        fprintf(stderr, "talus: the predictions could not be written\n");
    return failed ? FAILED : status;
}

static int check_classes(const use *of)
{
    if (!is_given(of->line, "classes") || is_classifier(of->network, of->columns))
        return 1;
    fprintf(stderr, "talus: --classes is for classifications, and this network predicts numbers\n");
    of->line->wrong = 1;
    return 0;
}

int run_predict(command_line *line)
{
    use of;
    if (!check_operands(line, 2, 2, "a model and a file with data"))
        return WRONG_USAGE;
    int status = open_use(&of, line, 0) && check_classes(&of) ? predict_to_file(&of) : FAILED;
    close_use(&of);
    return status;
}

static int evaluate(use *of)
{
    talus_report report;
    char buffer[4096];
    text_buffer text = {buffer, sizeof buffer, 0};
    if (!judge(of->context, of->network, of->data.dataset, &report))
        return FAILED;
    if (is_given(of->line, "json")) {
        put_format(&text, "{\"samples\": %lld, \"metrics\": ", (long long)report.samples);
        put_metrics(&text, &report);
        printf("%s}\n", buffer);
    } else
        print_metrics(stdout, &report);
    return DONE;
}

int run_evaluate(command_line *line)
{
    use of;
    if (!check_operands(line, 2, 2, "a model and a file with data"))
        return WRONG_USAGE;
    int status = open_use(&of, line, 1) ? evaluate(&of) : FAILED;
    close_use(&of);
    return status;
}

/* Exports as C to DIRECTORY/NAME.c and .h, of which `path` is DIRECTORY/NAME. */
static int export_c(const use *of, const char *path)
{
    const char *slash = strrchr(path, '/');
    char directory[4096] = ".";
    if (slash != NULL)
        snprintf(directory, sizeof directory, "%.*s", slash == path ? 1 : (int)(slash - path), path);
    return talus_model_export_c(of->network, directory, slash == NULL ? path : slash + 1) == TALUS_OK
               ? DONE
               : report_failure(of->context);
}

int run_export(command_line *line)
{
    use of;
    const char *onnx = text_of(line, "onnx"), *c = text_of(line, "c");
    if (!check_operands(line, 1, 1, "a model"))
        return WRONG_USAGE;
    if (onnx == NULL && c == NULL) {
        fprintf(stderr, "talus: export must have --onnx FILE or --c FILE\n");
        return WRONG_USAGE;
    }
    int status = open_use(&of, line, 0) ? DONE : FAILED;
    if (status == DONE && onnx != NULL && talus_model_export_onnx(of.network, onnx) != TALUS_OK)
        status = report_failure(of.context);
    if (status == DONE && c != NULL)
        status = export_c(&of, c);
    close_use(&of);
    return status;
}
