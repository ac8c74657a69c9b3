#include "shown.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "draw.h"

/* Rows are true classes, columns predicted ones. */
void put_confusion(FILE *to, const run_page *of, const samples *s)
{
    enum { MOST_CLASSES = 30 };
    const int64_t classes = s->outputs == 1 ? 2 : s->outputs;
    char text[64];
    if (classes > MOST_CLASSES)
        return;
    int64_t counts[MOST_CLASSES][MOST_CLASSES] = {{0}}, largest = 1;
    for (int64_t i = 0; i < s->count; i++) {
        const int64_t truth = (int64_t)s->y[i * s->targets], said = predicted(s, i);
        if (truth < classes && ++counts[truth][said] > largest)
            largest = counts[truth][said];
    }
    fputs("<h2>Confusion matrix</h2><p class=\"soft\">Rows are true classes, columns predicted ones", to);
    if (s->count < s->all)
        fprintf(to, ", of %lld of the %lld samples", (long long)s->count, (long long)s->all);
    fputs(".</p><div class=\"scroll\"><table class=\"matrix\"><tr><th></th>", to);
    for (int64_t k = 0; k < classes; k++) {
        fputs("<th>", to);
        put_html(to, class_name(of->columns, k, text));
        fputs("</th>", to);
    }
    for (int64_t j = 0; j < classes; j++) {
        fputs("</tr>\n<tr><th>", to);
        put_html(to, class_name(of->columns, j, text));
        fputs("</th>", to);
        for (int64_t k = 0; k < classes; k++)
            if (counts[j][k] == 0)
                fputs("<td class=\"z\">0</td>", to);
            else
                fprintf(to,
                        "<td style=\"background:color-mix(in srgb,var(--%s) %.0f%%,transparent)\">%lld</td>",
                        j == k ? "c3" : "c2", 8 + 62.0 * (double)counts[j][k] / (double)largest,
                        (long long)counts[j][k]);
    }
    fputs("</tr></table></div>\n", to);
}

/* How often predictions of a confidence are right. */
void put_reliability(FILE *to, const samples *s)
{
    enum { BINS = 10, LEAST = 5 /* samples; fewer say nothing */ };
    double sums[BINS] = {0}, right[BINS] = {0}, x[BINS], y[BINS];
    int64_t counts[BINS] = {0};
    for (int64_t i = 0; i < s->count; i++) {
        const int64_t said = predicted(s, i);
        const double p = s->outputs == 1 ? fmax(s->out[i], 1 - s->out[i]) : s->out[i * s->outputs + said];
        const int bin = p >= 1 ? BINS - 1 : p > 0 ? (int)(p * BINS) : 0;
        counts[bin]++, sums[bin] += p, right[bin] += said == (int64_t)s->y[i * s->targets];
    }
    for (int b = 0; b < BINS; b++)
        x[b] = counts[b] >= LEAST ? sums[b] / (double)counts[b] : NAN,
        y[b] = counts[b] >= LEAST ? right[b] / (double)counts[b] : NAN;
    draw_points(to, "Reliability: on the line, probabilities are true", "probability",
                "share of right predictions", x, y, BINS, 1);
}

void put_regression(FILE *to, const samples *s)
{
    double *columns = malloc((size_t)(3 * s->count) * sizeof *columns);
    double *truth = columns, *said = columns + s->count, *residual = columns + 2 * s->count;
    if (columns == NULL)
        return;
    fputs("<h2>Predictions</h2><div class=\"grid\">\n", to);
    for (int64_t k = 0; k < s->targets && k < 4; k++) {
        for (int64_t i = 0; i < s->count; i++) {
            truth[i] = s->y[i * s->targets + k], said[i] = s->out[i * s->outputs + k];
            residual[i] = said[i] - truth[i];
        }
        const int64_t shown = s->count < 1500 ? s->count : 1500;
        draw_points(to, "Predicted against true", "true", "predicted", truth, said, shown, 1);
        draw_points(to, "Residuals", "predicted", "predicted - true", said, residual, shown, 0);
    }
    fputs("</div>\n", to);
    free(columns);
}

typedef struct ranked {
    const char *name;
    double value;
} ranked;

static int by_value(const void *a, const void *b)
{
    const double x = ((const ranked *)a)->value, y = ((const ranked *)b)->value;
    return (x < y) - (x > y);
}

void put_importance(FILE *to, const run_page *of, const samples *s)
{
    enum { MOST_COLUMNS = 200, SHOWN = 20 };
    ranked found[MOST_COLUMNS];
    const char *names[SHOWN];
    double values[SHOWN];
    int count = 0, shown;
    for (int64_t i = 0; i < talus_columns_count(of->columns) && count < MOST_COLUMNS; i++) {
        talus_column column;
        if (talus_columns_get(of->columns, i, &column) != TALUS_OK || column.role != TALUS_ROLE_INPUT)
            continue;
        found[count].name = column.name[0] == '\0' ? "(unnamed)" : column.name;
        found[count].value = importance(of->context, of->network, s, column.first, column.width);
        count += isfinite(found[count].value);
    }
    if (count == 0)
        return;
    qsort(found, (size_t)count, sizeof *found, by_value);
    for (shown = 0; shown < count && shown < SHOWN; shown++)
        names[shown] = found[shown].name, values[shown] = found[shown].value;
    fputs("<h2>Importance of columns</h2><p class=\"soft\">How much the loss rises if a column's values "
          "change places "
          "between samples.</p>\n",
          to);
    draw_bars(to, "Rise of the loss", names, values, shown);
}

/* An image of bytes as a bitmap in base 64, upright: BMP of 8 bits with a grey palette. */
static void put_picture(FILE *to, const double *pixels, int side)
{
    enum { HEADER = 54 + 1024 };
    const int stride = (side + 3) / 4 * 4, size = HEADER + stride * side;
    unsigned char *bytes = calloc((size_t)size + 3, 1);
    if (bytes == NULL)
        return;
    const int fields[][2] = {{2, size},  {10, HEADER},      {14, 40}, {18, side},
                             {22, side}, {26, 1 | 8 << 16}, {46, 256}};
    bytes[0] = 'B', bytes[1] = 'M';
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        for (int k = 0; k < 4; k++)
            bytes[fields[i][0] + k] = (unsigned char)(fields[i][1] >> 8 * k);
    for (int i = 0; i < 256; i++)
        memset(bytes + 54 + 4 * i, i, 3);
    double most = 1;
    for (int i = 0; i < side * side; i++)
        most = fmax(most, pixels[i]);
    for (int y = 0; y < side; y++)
        for (int x = 0; x < side; x++)
            bytes[HEADER + (side - 1 - y) * stride + x] = (unsigned char)(255 *
                                                                          fmax(0, pixels[y * side + x]) /
                                                                          most);
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    fputs("<img alt=\"\" src=\"data:image/bmp;base64,", to);
    for (int i = 0; i < size; i += 3) {
        const unsigned three = (unsigned)bytes[i] << 16 | (unsigned)bytes[i + 1] << 8 | bytes[i + 2];
        for (int k = 0; k < 4; k++)
            fputc(i + k <= size ? digits[three >> (18 - 6 * k) & 63] : '=', to);
    }
    fputs("\">", to);
    free(bytes);
}

/* The target that is worst predicted in a sample, and its values. */
static void put_target(FILE *to, const run_page *of, const samples *s, int64_t i)
{
    const int64_t k = worst_target(s, i);
    char text[64];
    const char *name = text;
    snprintf(text, sizeof text, "%lld", (long long)k + 1);
    for (int64_t c = 0; c < talus_columns_count(of->columns); c++) {
        talus_column column;
        if (talus_columns_get(of->columns, c, &column) == TALUS_OK && column.role == TALUS_ROLE_TARGET &&
            column.first == k && column.name[0] != '\0')
            name = column.name;
    }
    if (s->targets > 1) {
        put_html(to, name);
        fputs("</td><td>", to);
    }
    fprintf(to, "%.5g</td><td>%.5g", s->y[i * s->targets + k], s->out[i * s->outputs + k]);
}

void put_worst(FILE *to, const run_page *of, const samples *s)
{
    enum { SHOWN = 12 };
    const int side = (int)(sqrt((double)s->inputs) + 0.5);
    talus_matrix x;
    char text[64];
    const int pictures = talus_dataset_matrices(of->data, &x, NULL) == TALUS_OK &&
                         x.dtype == TALUS_DTYPE_U8 && (int64_t)side * side == s->inputs;
    fprintf(to, "<h2>Worst predictions</h2><p class=\"soft\">Of %lld samples.%s</p>", (long long)s->count,
            pictures ? " Below each, what it is, and what the network took it for." : "");
    fputs(pictures ? "<div class=\"pictures\">" : "<div class=\"scroll\"><table><tr><th>row</th>", to);
    if (!pictures)
        fputs(s->classes || s->targets == 1 ? "<th>true</th><th>predicted</th></tr>"
                                            : "<th>target</th><th>true</th><th>predicted</th></tr>",
              to);
    for (int k = 0; k < SHOWN && k < s->count; k++) {
        int64_t worst = 0;
        for (int64_t i = 1; i < s->count; i++)
            worst = s->badness[i] > s->badness[worst] ? i : worst;
        s->badness[worst] = -INFINITY;
        fputs(pictures ? "<figure>" : "\n<tr>", to);
        if (pictures)
            put_picture(to, s->x + worst * s->inputs, side);
        else
            fprintf(to, "<td>%lld</td><td>", (long long)s->rows[worst] + 1);
        if (s->classes) {
            put_html(to, class_name(of->columns, (int64_t)s->y[worst * s->targets], text));
            fputs(pictures ? ", taken for " : "</td><td>", to);
            put_html(to, class_name(of->columns, predicted(s, worst), text));
        } else
            put_target(to, of, s, worst);
        fputs(pictures ? "</figure>\n" : "</td></tr>", to);
    }
    fputs(pictures ? "</div>\n" : "</table></div>\n", to);
}
