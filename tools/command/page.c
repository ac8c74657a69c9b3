#include "page.h"

#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "draw.h"
#include "judge.h"
#include "sample.h"
#include "shown.h"

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
    "figure{margin:0;max-width:36rem;padding:.6rem;background:var(--card);border-radius:.6rem}svg{width:100%;"
    "height:auto;"
    "display:block}\n"
    ".tiles{display:flex;flex-wrap:wrap;gap:.8rem}.tiles "
    "div{background:var(--card);border-radius:.6rem;padding:.6rem .9rem}"
    ".tiles b{display:block;font-size:1.3rem}\n"
    "table{border-collapse:collapse;font-size:.9rem}td,th{padding:.25rem "
    ".6rem;text-align:right;border-bottom:1px solid "
    "var(--line)}th:first-child,td:first-child{text-align:left}.scroll{overflow-x:auto}\n"
    "text{font:13px "
    "system-ui,sans-serif;fill:var(--ink)}.t{font-size:15px;font-weight:600}.a{fill:var(--soft)}\n"
    ".g{stroke:var(--line);stroke-width:1}.l{fill:none;stroke-width:2}path.c1{stroke:var(--c1)}path.c2{"
    "stroke:var(--c2)}"
    "path.c3{stroke:var(--c3)}text.c1{fill:var(--c1)}text.c2{fill:var(--c2)}text.c3{fill:var(--c3)}\n"
    ".d{stroke:var(--soft);stroke-dasharray:4 4}.p{fill:var(--c1);fill-opacity:.45}.b{fill:var(--c1)}\n"
    "pre{background:var(--card);padding:.7rem;border-radius:.6rem;white-space:pre-wrap;overflow-wrap:"
    "anywhere}"
    ".matrix{font-size:.8rem}.matrix td,.matrix th{padding:.15rem .3rem;min-width:1.9rem}.matrix "
    ".z{color:var(--line)}"
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
    put_tile(to, "thousand samples per second", "%.3g",
             of->epoch_count > 0 ? of->epochs[of->epoch_count - 1].samples_per_second / 1000 : 0);
    fprintf(to, "</div>\n<p class=\"soft\">Metrics on %lld samples ", (long long)report->samples);
    if (of->judged_on == NULL)
        fputs("that were trained on, since none were held out. ", to);
    else
        fprintf(to, "of the %s set, which were not trained on. ", of->judged_on);
    fprintf(to, "The training ended: %s.</p>\n", talus_outcome_name(r->outcome));
}

/* One number of all epochs, in memory to be freed; NULL if none is finite. */
static double *epoch_values(const run_page *of, size_t offset)
{
    double *values = malloc((size_t)of->epoch_count * sizeof *values + 1);
    int found = 0;
    for (int64_t i = 0; values != NULL && i < of->epoch_count; i++) {
        values[i] = *(const double *)((const char *)&of->epochs[i] + offset);
        found |= isfinite(values[i]);
    }
    if (found)
        return values;
    free(values);
    return NULL;
}

static void put_curve(FILE *to, const run_page *of, const char *title, const char *name, const char *color,
                      size_t offset)
{
    double *values = epoch_values(of, offset);
    if (values != NULL)
        draw_curves(to, title, (curve[]){{name, color, values}}, 1, of->epoch_count, 0);
    free(values);
}

static void put_curves(FILE *to, const run_page *of)
{
    double *cost = epoch_values(of, offsetof(talus_epoch, cost));
    double *validation = epoch_values(of, offsetof(talus_epoch, validation_cost));
    fputs("<h2>Training</h2><div class=\"grid\">\n", to);
    if (cost != NULL)
        draw_curves(to, "Loss", (curve[]){{"training", "c1", cost}, {"validation", "c2", validation}},
                    validation == NULL ? 1 : 2, of->epoch_count, 1);
    free(cost), free(validation);
    put_curve(to, of, "Accuracy", "validation", "c2", offsetof(talus_epoch, validation_accuracy));
    if (of->metric != TALUS_METRIC_COST && of->metric != TALUS_METRIC_ACCURACY)
        put_curve(to, of, talus_metric_name(of->metric), "validation", "c2", offsetof(talus_epoch, watched));
    put_curve(to, of, "Learning rate", "rate", "c3", offsetof(talus_epoch, rate));
    fputs("</div>\n", to);
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
        const talus_health *h = l <= of->look->layers ? &of->look->healths[l - 1] : NULL;
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
    if (of->look->layers > 0)
        fprintf(to, "<p class=\"soft\">Seen in step %lld of %lld, with the rate %.3g.</p>\n",
                (long long)of->look->step, (long long)of->result->steps, of->look->rate);
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
        if (has_probabilities(of->network)) {
            fputs("<h2>Calibration</h2><div class=\"grid\">", to);
            put_reliability(to, s);
            fputs("</div>\n", to);
        }
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
