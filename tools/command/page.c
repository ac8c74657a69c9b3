#include "page.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "draw.h"
#include "judge.h"
#include "sample.h"

static const char style[] =
    ":root{color-scheme:light "
    "dark;--ink:#1c2330;--soft:#667085;--line:#d9dee7;--back:#fff;--card:#f6f8fb;--c1:#2563eb;"
    "--c2:#d97706;--c3:#059669}\n"
    "@media(prefers-color-scheme:dark){:root{--ink:#e6eaf2;--soft:#98a2b3;--line:#333c4d;--back:#12161d;--"
    "card:#1a202a;"
    "--c1:#6ea8fe;--c2:#fbbf24;--c3:#34d399}}\n"
    "*{box-sizing:border-box}body{margin:0 "
    "auto;padding:1.2rem;max-width:72rem;background:var(--back);color:var(--ink);"
    "font:16px/1.5 system-ui,sans-serif}\n"
    "h1{font-size:1.6rem;margin:.2rem 0;overflow-wrap:anywhere}h2{font-size:1.15rem;margin:2rem 0 "
    ".6rem}p{margin:.4rem "
    "0}.soft{color:var(--soft)}\n"
    ".grid{display:grid;gap:1rem;grid-template-columns:repeat(auto-fit,minmax(min(100%,26rem),1fr))}\n"
    "figure{margin:0;max-width:44rem;padding:.6rem;background:var(--card);border-radius:.6rem}svg{width:100%;"
    "height:auto;"
    "display:block}\n"
    ".tiles{display:flex;flex-wrap:wrap;gap:.8rem}.tiles "
    "div{background:var(--card);border-radius:.6rem;padding:.6rem .9rem}"
    ".tiles b{display:block;font-size:1.3rem}\n"
    "table{border-collapse:collapse;font-size:.9rem}td,th{padding:.25rem "
    ".6rem;text-align:right;border-bottom:1px solid "
    "var(--line)}th:first-child,td:first-child{text-align:left}.scroll{overflow-x:auto}\n"
    "text{font:12px "
    "system-ui,sans-serif;fill:var(--ink)}.t{font-size:14px;font-weight:600}.a{fill:var(--soft)}\n"
    ".g{stroke:var(--line);stroke-width:1}.l{fill:none;stroke-width:2}path.c1{stroke:var(--c1)}path.c2{"
    "stroke:var(--c2)}"
    "path.c3{stroke:var(--c3)}text.c1{fill:var(--c1)}text.c2{fill:var(--c2)}text.c3{fill:var(--c3)}\n"
    ".d{stroke:var(--soft);stroke-dasharray:4 4}.p{fill:var(--c1);fill-opacity:.45}.b{fill:var(--c1)}\n"
    "pre{background:var(--card);padding:.7rem;border-radius:.6rem;overflow-x:auto}"
    ".pictures{display:flex;flex-wrap:wrap;gap:.6rem}.pictures figure{text-align:center;font-size:.8rem}"
    ".pictures img{width:84px;height:84px;image-rendering:pixelated;display:block;margin:auto}\n";

static void put_tile(FILE *to, const char *name, const char *format, double value)
{
    fprintf(to, "<div><b>");
    fprintf(to, format, value);
    fprintf(to, "</b><span class=\"soft\">%s</span></div>", name);
}

static void put_summary(FILE *to, const run_page *of, const talus_report *report)
{
    const talus_fit_result *r = of->result;
    fputs("<h1>", to);
    put_html(to, of->title);
    fputs("</h1><p class=\"soft\">", to);
    put_html(to, of->source);
    fprintf(to, "</p>\n<div class=\"tiles\">");
    for (int metric = 0; metric < TALUS_METRIC_COUNT; metric++) {
        static const int shown[] = {TALUS_METRIC_ACCURACY, TALUS_METRIC_F1,   TALUS_METRIC_AUC,
                                    TALUS_METRIC_R2,       TALUS_METRIC_RMSE, TALUS_METRIC_MAE,
                                    TALUS_METRIC_COST};
        talus_estimate found;
        int is_shown = 0;
        for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
            is_shown |= shown[i] == metric;
        if (is_shown && talus_report_estimate(report, metric, &found) == TALUS_OK && isfinite(found.value))
            put_tile(to, talus_metric_name(metric), "%.4g", found.value);
    }
    put_tile(to, "epochs", "%.0f", (double)r->epochs);
    put_tile(to, "best epoch", "%.0f", (double)r->best_epoch);
    put_tile(to, "seconds", "%.3g", r->seconds);
    put_tile(to, "steps per second", "%.0f", r->seconds > 0 ? (double)r->steps / r->seconds : 0);
    put_tile(to, "samples per second", "%.0f",
             of->epoch_count > 0 ? of->epochs[of->epoch_count - 1].samples_per_second : 0);
    fprintf(to, "</div>\n<p class=\"soft\">Metrics on %lld samples ", (long long)report->samples);
    if (of->judged_on == NULL)
        fputs("that were trained on, since none were held out. ", to);
    else
        fprintf(to, "of the %s set, which were not trained on. ", of->judged_on);
    fprintf(to, "The training ended: %s.</p>\n", talus_outcome_name(r->outcome));
}

static void put_curves(FILE *to, const run_page *of)
{
    const int64_t n = of->epoch_count;
    double *values = malloc((size_t)(4 * n + 1) * sizeof *values);
    double *cost = values, *validation = values + n, *accuracy = values + 2 * n, *rate = values + 3 * n;
    if (values == NULL)
        return;
    int has_accuracy = 0;
    for (int64_t i = 0; i < n; i++) {
        cost[i] = of->epochs[i].cost, validation[i] = of->epochs[i].validation_cost;
        accuracy[i] = of->epochs[i].validation_accuracy, rate[i] = of->epochs[i].rate;
        has_accuracy |= isfinite(accuracy[i]);
    }
    fputs("<h2>Training</h2><div class=\"grid\">\n", to);
    draw_curves(to, "Loss", (curve[]){{"training", "c1", cost}, {"validation", "c2", validation}}, 2, n, 1);
    if (has_accuracy)
        draw_curves(to, "Accuracy", (curve[]){{"validation", "c2", accuracy}}, 1, n, 0);
    draw_curves(to, "Learning rate", (curve[]){{"rate", "c3", rate}}, 1, n, 0);
    fputs("</div>\n", to);
    free(values);
}

/* Rows are true classes, columns predicted ones. */
static void put_confusion(FILE *to, const run_page *of, const samples *s)
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
    fputs("<h2>Confusion matrix</h2><p class=\"soft\">Rows are true classes, columns predicted ones.</p>"
          "<div class=\"scroll\"><table><tr><th></th>",
          to);
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
            fprintf(to, "<td style=\"background:color-mix(in srgb,var(--%s) %.0f%%,transparent)\">%lld</td>",
                    j == k ? "c3" : "c2",
                    counts[j][k] == 0 ? 0 : 8 + 62.0 * (double)counts[j][k] / (double)largest,
                    (long long)counts[j][k]);
    }
    fputs("</tr></table></div>\n", to);
}

/* How often predictions of a confidence are right. */
static void put_reliability(FILE *to, const samples *s)
{
    enum { BINS = 10 };
    double sums[BINS] = {0}, right[BINS] = {0}, x[BINS], y[BINS];
    int64_t counts[BINS] = {0};
    for (int64_t i = 0; i < s->count; i++) {
        const int64_t said = predicted(s, i);
        const double p = s->outputs == 1 ? fmax(s->out[i], 1 - s->out[i]) : s->out[i * s->outputs + said];
        const int bin = p >= 1 ? BINS - 1 : p > 0 ? (int)(p * BINS) : 0;
        counts[bin]++, sums[bin] += p, right[bin] += said == (int64_t)s->y[i * s->targets];
    }
    for (int b = 0; b < BINS; b++)
        x[b] = counts[b] > 0 ? sums[b] / (double)counts[b] : NAN,
        y[b] = counts[b] > 0 ? right[b] / (double)counts[b] : NAN;
    draw_points(to, "Reliability: on the line, probabilities are true", "probability",
                "share of right predictions", x, y, BINS, 1);
}

static void put_regression(FILE *to, const samples *s)
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

static void put_health(FILE *to, const run_page *of)
{
    fputs("<h2>Layers</h2><div class=\"scroll\"><table><tr><th>layer</th><th>units</th><th>activation</th>"
          "<th>|parameters|</th><th>|gradient|</th><th>update/parameters</th><th>dead</th><th>saturated</"
          "th></tr>",
          to);
    for (int l = 1; l <= talus_network_layer_count(of->network); l++) {
        fprintf(to, "\n<tr><td>%d</td><td>%lld</td><td>%s</td>", l,
                (long long)talus_network_width(of->network, l),
                talus_activation_name(talus_network_activation(of->network, l)));
        const talus_health *h = of->healths == NULL ? NULL : &of->healths[l - 1];
        if (h != NULL && h->step > 0) {
            fprintf(to, "<td>%.3g</td><td>%.3g</td><td>%.2g</td>", h->parameters, h->gradient, h->ratio);
            fprintf(to, isfinite(h->dead) ? "<td>%.0f %%</td>" : "<td>-</td>", 100 * h->dead);
            fprintf(to, isfinite(h->saturated) ? "<td>%.0f %%</td>" : "<td>-</td>", 100 * h->saturated);
        } else
            fputs("<td>-</td><td>-</td><td>-</td><td>-</td><td>-</td>", to);
        fputs("</tr>", to);
    }
    fputs("</table></div><p>", to);
    put_html(to, of->verdicts);
    fputs("</p>\n", to);
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

static void put_importance(FILE *to, const run_page *of, const samples *s)
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

static void put_worst(FILE *to, const run_page *of, const samples *s)
{
    enum { SHOWN = 12 };
    const int side = (int)(sqrt((double)s->inputs) + 0.5);
    talus_matrix x;
    char text[64];
    const int pictures = talus_dataset_matrices(of->data, &x, NULL) == TALUS_OK &&
                         x.dtype == TALUS_DTYPE_U8 && (int64_t)side * side == s->inputs;
    fputs("<h2>Worst predictions</h2>", to);
    fputs(pictures ? "<div class=\"pictures\">"
                   : "<div class=\"scroll\"><table><tr><th>row</th><th>true</th><th>predicted</th></tr>",
          to);
    for (int k = 0; k < SHOWN && k < s->count; k++) {
        int64_t worst = 0;
        for (int64_t i = 1; i < s->count; i++)
            worst = s->badness[i] > s->badness[worst] ? i : worst;
        s->badness[worst] = -1;
        fputs(pictures ? "<figure>" : "\n<tr>", to);
        if (pictures)
            put_picture(to, s->x + worst * s->inputs, side);
        else
            fprintf(to, "<td>%lld</td><td>", (long long)s->rows[worst] + 1);
        if (s->classes) {
            put_html(to, class_name(of->columns, (int64_t)s->y[worst * s->targets], text));
            fputs(pictures ? ", said " : "</td><td>", to);
            put_html(to, class_name(of->columns, predicted(s, worst), text));
        } else
            fprintf(to, "%.5g</td><td>%.5g", s->y[worst * s->targets], s->out[worst * s->outputs]);
        fputs(pictures ? "</figure>\n" : "</td></tr>", to);
    }
    fputs(pictures ? "</div>\n" : "</table></div>\n", to);
}

static void put_page(FILE *to, const run_page *of, const talus_report *report, const samples *s)
{
    fputs("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
          "content=\"width=device-width,initial-scale=1\"><title>",
          to);
    put_html(to, of->title);
    fprintf(to, "</title><style>\n%s</style></head><body>\n", style);
    put_summary(to, of, report);
    put_curves(to, of);
    if (s->classes && s->targets == 1) {
        put_confusion(to, of, s);
        fputs("<h2>Calibration</h2><div class=\"grid\">", to);
        put_reliability(to, s);
        fputs("</div>\n", to);
    } else
        put_regression(to, s);
    put_health(to, of);
    if (of->columns != NULL)
        put_importance(to, of, s);
    put_worst(to, of, s);
    fputs("<h2>To repeat it</h2><pre>", to);
    put_html(to, of->command);
    fprintf(to, "</pre><p class=\"soft\">Talus %s</p></body></html>\n", talus_version());
}

int write_page(const run_page *of, const char *path)
{
    talus_report report;
    samples s = {0};
    if (!judge(of->context, of->network, of->data, &report))
        return 0;
    FILE *to = fopen(path, "wb");
    if (to == NULL)
        return fprintf(stderr, "talus: \"%s\" cannot be written: %s\n", path, strerror(errno)), 0;
    const int taken = take_samples(of->context, of->network, of->data, &s);
    if (taken)
        put_page(to, of, &report, &s);
    else
        fprintf(stderr, "talus: the report could not be made\n");
    free_samples(&s);
    const int failed = ferror(to) != 0;
    if (fclose(to) != 0 || failed)
        return fprintf(stderr, "talus: \"%s\" cannot be written: %s\n", path, strerror(errno)), 0;
    return taken;
}
