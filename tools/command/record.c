#include "record.h"

#include <math.h>
#include <stddef.h>

#include "judge.h"

void put_result(text_buffer *to, const run_record *of)
{
    const talus_fit_result *r = of->result;
    put_format(
        to,
        "{\"outcome\": \"%s\", \"epochs\": %lld, \"steps\": %lld, \"best_epoch\": %lld, \"seconds\": %.3f",
        talus_outcome_name(r->outcome), (long long)r->epochs, (long long)r->steps, (long long)r->best_epoch,
        r->seconds);
    put_text(to, ", \"cost\": ");
    put_json_number(to, r->cost);
    put_text(to, ", \"validation_cost\": ");
    put_json_number(to, r->validation_cost);
    if (of->judged_on != NULL) {
        put_format(to, ", \"judged_on\": \"%s\", \"samples\": %lld, \"metrics\": ", of->judged_on,
                   (long long)of->report->samples);
        put_metrics(to, of->report);
    }
    put_text(to, "}");
}

/* The numbers of an epoch that are kept. */
static const struct {
    const char *name;
    size_t offset;
} kept[] = {{"cost", offsetof(talus_epoch, cost)},
            {"validation_cost", offsetof(talus_epoch, validation_cost)},
            {"validation_accuracy", offsetof(talus_epoch, validation_accuracy)},
            {"watched", offsetof(talus_epoch, watched)},
            {"rate", offsetof(talus_epoch, rate)},
            {"seconds", offsetof(talus_epoch, seconds)}};
enum { KEPT = sizeof kept / sizeof *kept };

/* How many epochs there are, and each how manieth of them is kept. */
static int64_t epochs_of(const run_record *of, int64_t *step)
{
    const int64_t count = talus_trainer_epochs(of->trainer);
    *step = count > 0 ? (count - 1) / MOST_KEPT_EPOCHS + 1 : 1;
    return count;
}

static double number_of(const run_record *of, int64_t number, int k)
{
    talus_epoch epoch;
    return talus_trainer_epoch(of->trainer, number, &epoch) == TALUS_OK
               ? *(const double *)((const char *)&epoch + kept[k].offset)
               : NAN;
}

void put_history(text_buffer *to, const run_record *of)
{
    int64_t step, count = epochs_of(of, &step);
    put_text(to, "{\"epoch\": [");
    for (int64_t i = step; i <= count; i += step)
        put_format(to, i == step ? "%lld" : ", %lld", (long long)i);
    put_text(to, "]");
    for (int k = 0; k < KEPT; k++) {
        const int is_cost = kept[k].offset == offsetof(talus_epoch, watched) &&
                            of->metric == TALUS_METRIC_COST;
        if (count < 1 || is_cost || isnan(number_of(of, count, k)))
            continue; /* there is no such number, or it stands there already */
        put_format(to, ", \"%s\": [", kept[k].name);
        for (int64_t i = step; i <= count; i += step) {
            put_text(to, i == step ? "" : ", ");
            put_json_number(to, number_of(of, i, k));
        }
        put_text(to, "]");
    }
    put_text(to, "}");
}
