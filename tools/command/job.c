#include "job.h"

#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "progress.h"

#define LOOK_EVERY 10 /* steps, at the health of gradients for a report */

/* A part of some data, and what is left of them, from which NULL is taken for no part. */
static int take_part(job *of, talus_dataset *from, double share, talus_dataset **part, talus_dataset **left)
{
    const int stratified = class_count(&of->data) > 0;
    return talus_dataset_split(from, share, stratified, (uint64_t)of->run.fit.seed, part, left) == TALUS_OK ||
           (report_failure(of->context), 0);
}

int divide(job *of)
{
    const double share = of->run.fit.validation_split;
    if (of->run.test_share > 0 && !take_part(of, of->data.dataset, of->run.test_share, &of->test, &of->rest))
        return 0;
    talus_dataset *whole = trained_on(of);
    if (share <= 0 || (talus_dataset_samples(whole) < 2 && !is_given(of->line, "validation")))
        return 1;
    return take_part(of, whole, share, &of->validation, &of->training);
}

talus_dataset *trained_on(const job *of)
{
    return of->training != NULL ? of->training : of->rest != NULL ? of->rest : of->data.dataset;
}

const talus_dataset *held_out(const job *of)
{
    return of->test_file.dataset != NULL ? of->test_file.dataset
           : of->test != NULL            ? of->test
                                         : of->validation;
}

int begin_run(job *of, talus_dataset *training)
{
    const input_data seen = {.dataset = training, .columns = of->data.columns};
    const int64_t samples = talus_dataset_samples(of->data.dataset);
    const int64_t batch = of->run.fit.batch > 0 && of->run.fit.batch < samples ? of->run.fit.batch : samples;
    if (!make_network(of->line, of->context, &seen, &of->network))
        return 0;
    talus_optimizer_spec spec = of->run.optimizer;
    of->run.fit.optimizer = NULL;
    if (talus_trainer_create(of->network, &spec, batch, &of->trainer) != TALUS_OK)
        return report_failure(of->context), 0;
    return 1;
}

void end_run(job *of)
{
    talus_trainer_destroy(of->trainer);
    talus_network_destroy(of->network);
    of->trainer = NULL, of->network = NULL;
}

int train_on(job *of, const talus_dataset *training, const talus_dataset *validation)
{
    progress shown;
    talus_fit_options options = of->run.fit;
    options.validation_split = 0;
    const int looks = is_given(of->line, "report");
    if (looks && talus_trainer_watch_health(of->trainer, LOOK_EVERY) != TALUS_OK)
        return report_failure(of->context), 0;
    begin_progress(&shown, is_given(of->line, "quiet"), &options, validation != NULL,
                   looks ? &of->look : NULL);
    talus_status status = talus_trainer_fit(of->trainer, training, validation, &options, &of->result);
    end_progress(&shown);
    if (status != TALUS_OK)
        return report_failure(of->context), 0;
    if (of->result.outcome == TALUS_OUTCOME_DIVERGED) {
        fprintf(stderr,
                "talus: the training diverged in step %lld; a smaller --rate or --clip-norm may help\n",
                (long long)of->result.diverged_step);
        return 0;
    }
    return 1;
}
