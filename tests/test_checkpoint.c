/* A fit that is stopped and goes on from its checkpoint ends with the bits of one that is not. */
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "checkpoint_support.h"

/* A fit that is stopped several times, somewhere, and all of it is made anew. */
static talus_fit_result fit_in_pieces(const fit_case *of, int precision, int method, number_stream *at,
                                      pupil *p)
{
    enum { STOPS = 6, FURTHEST = 11 }; /* an epoch and a half */
    talus_fit_result result;
    talus_fit_options options = options_of(of);
    *p = make_case(of, precision, method);
    options.checkpoint = path;
    for (int pieces = 0;; pieces++) {
        const double next = (1 + next_number(at)) / 2;
        stopper by = {.after = pieces == STOPS ? INT64_MAX : 1 + (int64_t)(next * FURTHEST),
                      .raises = pieces % 2 == 0};
        stop_by(&by, &options);
        options.checkpoint_epochs = pieces % 3;
        expect_ok(context, fit_case_data(of, p->trainer, &options, &result));
        if (result.outcome != TALUS_OUTCOME_STOPPED)
            return result;
        free_pupil(p);
        *p = resume_pupil(&options);
    }
}

static void compare(const fit_case *of, int precision, int method, number_stream *at)
{
    pupil whole = make_case(of, precision, method), parts;
    talus_fit_result of_whole, of_parts;
    talus_fit_options options = options_of(of);
    expect_ok(context, fit_case_data(of, whole.trainer, &options, &of_whole));
    of_parts = fit_in_pieces(of, precision, method, at, &parts);
    same_fits(of, &whole, &of_whole, &parts, &of_parts);
    free_pupil(&whole), free_pupil(&parts);
}

START_TEST(a_fit_in_pieces_is_the_whole_fit)
{
    number_stream at = numbers_from(1 + (uint64_t)_i);
    for (int i = 0; i < fit_case_count; i++)
        if (applies_to(&fit_cases[i], _i))
            compare(&fit_cases[i], (_i + i) % 2 == 0 ? TALUS_DTYPE_F32 : TALUS_DTYPE_F64, _i, &at);
}
END_TEST

/* A batch a piece: also where what was undone is done again, the fit gets on. */
START_TEST(a_fit_step_by_step_is_the_whole_fit)
{
    const fit_case *of = &fit_cases[FIT_CASE_RETREATS];
    pupil whole = make_case(of, TALUS_DTYPE_F32, TALUS_GRADIENT_DESCENT),
          p = make_case(of, TALUS_DTYPE_F32, TALUS_GRADIENT_DESCENT);
    talus_fit_options options = options_of(of);
    talus_fit_result of_whole, result;
    stopper by = {.after = 1};
    expect_ok(context, fit_case_data(of, whole.trainer, &options, &of_whole));
    options.checkpoint = path, options.checkpoint_epochs = 0;
    for (int pieces = 0;; pieces++) {
        ck_assert_int_lt(pieces, 1000);
        stop_by(&by, &options);
        expect_ok(context, fit_case_data(of, p.trainer, &options, &result));
        if (result.outcome != TALUS_OUTCOME_STOPPED)
            break;
        free_pupil(&p);
        p = resume_pupil(&options);
    }
    same_fits(of, &whole, &of_whole, &p, &result);
    free_pupil(&whole), free_pupil(&p);
}
END_TEST

/* The cases do what they are for. */
START_TEST(retreats_and_best_epochs_are_there)
{
    talus_fit_result result;
    for (int i = 0; i < fit_case_count; i++) {
        const bool is_far = i == FIT_CASE_RETREATS + 1;
        pupil p = make_case(&fit_cases[i], TALUS_DTYPE_F32, is_far ? TALUS_ADAM : TALUS_GRADIENT_DESCENT);
        talus_fit_options options = options_of(&fit_cases[i]);
        expect_ok(context, fit_case_data(&fit_cases[i], p.trainer, &options, &result));
        ck_assert_int_ge(result.retries, options.retries > 0 ? 3 : 0);
        ck_assert_int_ge(result.epochs, 3);
        free_pupil(&p);
    }
}
END_TEST

static int end_epoch(const talus_epoch *epoch, void *user)
{
    return epoch->epoch == *(const int64_t *)user;
}

START_TEST(a_callback_may_stop_after_an_epoch)
{
    const fit_case *of = &fit_cases[1];
    pupil whole = make_case(of, TALUS_DTYPE_F64, TALUS_ADAM), p = make_case(of, TALUS_DTYPE_F64, TALUS_ADAM);
    talus_fit_options options = options_of(of);
    talus_fit_result of_whole, result;
    int64_t last = 2;
    expect_ok(context, fit_case_data(of, whole.trainer, &options, &of_whole));
    options.checkpoint = path, options.checkpoint_epochs = 0;
    options.on_epoch = end_epoch, options.user = &last;
    expect_ok(context, fit_case_data(of, p.trainer, &options, &result));
    ck_assert_int_eq(result.outcome, TALUS_OUTCOME_STOPPED);
    free_pupil(&p);
    p = resume_pupil(&options);
    ck_assert_int_eq(talus_trainer_epochs(p.trainer), 2);
    expect_ok(context, fit_case_data(of, p.trainer, NULL, &result)); /* NULL: the options that it has */
    same_fits(of, &whole, &of_whole, &p, &result);
    free_pupil(&p), free_pupil(&whole);
}
END_TEST

/* What has ended goes on to the same end. */
START_TEST(a_finished_fit_is_finished_again)
{
    const fit_case *of = &fit_cases[_i];
    pupil p = make_case(of, TALUS_DTYPE_F32, TALUS_ADAM), again;
    talus_fit_options options = options_of(of);
    talus_fit_result result, of_again;
    options.checkpoint = path;
    expect_ok(context, fit_case_data(of, p.trainer, &options, &result));
    again = resume_pupil(&options);
    expect_ok(context, fit_case_data(of, again.trainer, &options, &of_again));
    same_fits(of, &p, &result, &again, &of_again);
    free_pupil(&p), free_pupil(&again);
}
END_TEST

/* More epochs than at first are those of a fit with more epochs. */
START_TEST(a_finished_fit_may_be_made_longer)
{
    const fit_case *of = &fit_cases[0];
    pupil whole = make_case(of, TALUS_DTYPE_F32, TALUS_ADAM), p = make_case(of, TALUS_DTYPE_F32, TALUS_ADAM);
    talus_fit_options options = options_of(of);
    talus_fit_result of_whole, result;
    options.epochs = 5;
    expect_ok(context, fit_case_data(of, whole.trainer, &options, &of_whole));
    options.epochs = 2, options.checkpoint = path;
    expect_ok(context, fit_case_data(of, p.trainer, &options, &result));
    free_pupil(&p);
    p = resume_pupil(&options);
    options.epochs = 5;
    expect_ok(context, fit_case_data(of, p.trainer, &options, &result));
    same_fits(of, &whole, &of_whole, &p, &result);
    free_pupil(&p), free_pupil(&whole);
}
END_TEST

/* A step of this rate changes in f32 what one of another does not. */
static int set_rate(const talus_progress *progress, void *user)
{
    stopper *by = user;
    if (progress->steps == 3) {
        ck_assert_int_eq(talus_trainer_set_rate(progress->trainer, 0.0123), TALUS_OK);
        ck_assert_int_eq(talus_trainer_set_dropout_factor(progress->trainer, 0.5), TALUS_OK);
        ck_assert_int_eq(talus_trainer_set_part_factors(progress->trainer, TALUS_PART_BIASES, 0, 0),
                         TALUS_OK);
        ck_assert_int_eq(talus_trainer_set_layer_factors(progress->trainer, 2, 0.5, 2), TALUS_OK);
    }
    return ++by->steps == by->after;
}

START_TEST(what_callbacks_have_set_is_kept)
{
    const fit_case *of = &fit_cases[_i];
    pupil whole = make_case(of, TALUS_DTYPE_F64, TALUS_ADAMW),
          p = make_case(of, TALUS_DTYPE_F64, TALUS_ADAMW);
    talus_fit_options options = options_of(of);
    talus_fit_result of_whole, result;
    stopper by = {.after = INT64_MAX};
    options.on_progress = set_rate, options.user = &by;
    expect_ok(context, fit_case_data(of, whole.trainer, &options, &of_whole));
    by = (stopper){.after = 3};
    options.checkpoint = path;
    expect_ok(context, fit_case_data(of, p.trainer, &options, &result));
    free_pupil(&p);
    p = resume_pupil(&options);
    expect_ok(context, fit_case_data(of, p.trainer, NULL, &result));
    same_fits(of, &whole, &of_whole, &p, &result);
    free_pupil(&p), free_pupil(&whole);
}
END_TEST

static double as_steps_go(int64_t step, void *user)
{
    return 1 / (1 + *(const double *)user * (double)step);
}

START_TEST(schedules_of_callers_are_given_anew)
{
    const fit_case *of = &fit_cases[0];
    pupil whole = make_case(of, TALUS_DTYPE_F64, TALUS_ADAM), p = make_case(of, TALUS_DTYPE_F64, TALUS_ADAM);
    talus_fit_options options = options_of(of);
    talus_fit_result of_whole, result;
    talus_schedule schedule;
    double share = 0.1;
    stopper by = {.after = 5};
    talus_schedule_defaults(&schedule, TALUS_SCHEDULE_CALLBACK);
    schedule.callback = as_steps_go, schedule.user = &share;
    options.rate_schedule = &schedule;
    expect_ok(context, fit_case_data(of, whole.trainer, &options, &of_whole));
    options.checkpoint = path;
    stop_by(&by, &options);
    expect_ok(context, fit_case_data(of, p.trainer, &options, &result));
    free_pupil(&p);
    p = resume_pupil(&options);
    expect_status(context, TALUS_ERROR_ARGUMENT, fit_case_data(of, p.trainer, &options, &result));
    expect_message(context, "callback");
    options.rate_schedule = NULL;
    expect_status(context, TALUS_ERROR_ARGUMENT, fit_case_data(of, p.trainer, &options, &result));
    expect_message(context, "fit: rate_schedule must be given, as it is in the checkpoint");
    options.rate_schedule = &schedule, schedule.warmup = 2;
    expect_status(context, TALUS_ERROR_ARGUMENT, fit_case_data(of, p.trainer, &options, &result));
    expect_message(context, "fit: rate_schedule.warmup must be 0, as it is in the checkpoint, got 2");
    schedule.warmup = 0, options.decay_schedule = &schedule;
    expect_status(context, TALUS_ERROR_ARGUMENT, fit_case_data(of, p.trainer, &options, &result));
    expect_message(context, "fit: decay_schedule must be NULL, as it is in the checkpoint");
    options.decay_schedule = NULL;
    expect_ok(context, fit_case_data(of, p.trainer, &options, &result));
    same_fits(of, &whole, &of_whole, &p, &result);
    free_pupil(&p), free_pupil(&whole);
}
END_TEST

/* The call that makes a trainer of its own. */
START_TEST(talus_fit_has_checkpoints_too)
{
    pupil p;
    talus_fit_options options = fit_options(3);
    talus_optimizer_spec spec;
    talus_fit_result result, of_whole;
    talus_optimizer_defaults(&spec, TALUS_MOMENTUM);
    options.optimizer = &spec;
    talus_network *whole = two_layers(TALUS_DTYPE_F64, INPUTS, 6, 1, TALUS_IDENTITY),
                  *network = two_layers(TALUS_DTYPE_F64, INPUTS, 6, 1, TALUS_IDENTITY);
    stopper by = {.after = 9};
    expect_ok(context, talus_fit(whole, training, held_out, &options, &of_whole));
    options.checkpoint = path;
    stop_by(&by, &options);
    expect_ok(context, talus_fit(network, training, held_out, &options, &result));
    p = resume_pupil(&options);
    ck_assert_ptr_null(options.optimizer);
    expect_ok(context, talus_trainer_fit(p.trainer, training, held_out, &options, &result));
    same_parameters(whole, p.network);
    ck_assert(result.validation_cost == of_whole.validation_cost);
    free_pupil(&p);
    talus_network_destroy(whole), talus_network_destroy(network);
}
END_TEST

/* Files ---------------------------------------------------------------------------------------------------- */

static bool is_there(const char *end)
{
    char name[128];
    snprintf(name, sizeof name, "%s%s", path, end);
    return access(name, F_OK) == 0;
}

START_TEST(so_many_are_kept)
{
    pupil p = make_case(&fit_cases[0], TALUS_DTYPE_F32, TALUS_ADAM), older;
    talus_fit_options options = options_of(&fit_cases[0]);
    char name[128];
    options.epochs = 6, options.checkpoint = path, options.checkpoint_keep = _i;
    run_fit(&p, NULL, &options);
    static const char *const ends[] = {"", ".1", ".2", ".3"};
    for (int i = 0; i < 4; i++) {
        ck_assert(is_there(ends[i]) == (i < _i));
        if (!is_there(ends[i]))
            continue;
        snprintf(name, sizeof name, "%s%s", path, ends[i]);
        expect_ok(context, talus_checkpoint_resume(context, name, &older.network, &older.trainer, NULL));
        ck_assert_int_eq(talus_trainer_epochs(older.trainer), 6 - i);
        free_pupil(&older);
    }
    free_pupil(&p);
}
END_TEST

static int look(const talus_progress *progress, void *user)
{
    int64_t *seen = user;
    pupil p;
    if (progress->steps != 5)
        return 0;
    expect_ok(context, talus_checkpoint_resume(context, path, &p.network, &p.trainer, NULL));
    *seen = talus_trainer_steps(p.trainer);
    free_pupil(&p);
    return 1;
}

START_TEST(within_epochs_time_counts)
{
    pupil p = make_case(&fit_cases[0], TALUS_DTYPE_F32, TALUS_ADAM);
    talus_fit_options options = options_of(&fit_cases[0]);
    int64_t seen = -1;
    options.checkpoint = path, options.checkpoint_epochs = 0, options.checkpoint_seconds = 1e-9;
    options.on_progress = look, options.user = &seen;
    run_fit(&p, NULL, &options);
    ck_assert_int_eq(seen, 4); /* before step 5 */
    free_pupil(&p);
    p = make_case(&fit_cases[0], TALUS_DTYPE_F32, TALUS_ADAM);
    options.checkpoint_seconds = 0;
    run_fit(&p, NULL, &options);
    ck_assert_int_eq(seen, 0); /* before the first step */
    free_pupil(&p);
}
END_TEST

START_TEST(an_older_one_is_read_if_the_newest_cannot_be)
{
    const fit_case *of = &fit_cases[0];
    pupil whole = make_case(of, TALUS_DTYPE_F32, TALUS_ADAM), p = make_case(of, TALUS_DTYPE_F32, TALUS_ADAM);
    talus_fit_options options = options_of(of);
    talus_fit_result of_whole, result;
    char older[128];
    expect_ok(context, fit_case_data(of, whole.trainer, &options, &of_whole));
    options.checkpoint = path, options.checkpoint_keep = 3;
    expect_ok(context, fit_case_data(of, p.trainer, &options, &result));
    ck_assert_int_eq(result.fallback, 0);
    free_pupil(&p);
    snprintf(older, sizeof older, "%s.1", path);
    ck_assert_int_eq(unlink(older), 0); /* a gap is passed over */
    if (_i == 0)
        ck_assert_int_eq(truncate(path, 1000), 0);
    else
        ck_assert_int_eq(unlink(path), 0);
    p = resume_pupil(&options);
    ck_assert_int_eq(talus_trainer_epochs(p.trainer), 1);
    expect_ok(context, fit_case_data(of, p.trainer, &options, &result));
    ck_assert_int_eq(result.fallback, 1);
    of_whole.fallback = 1;
    same_fits(of, &whole, &of_whole, &p, &result);
    free_pupil(&p), free_pupil(&whole);
}
END_TEST

START_TEST(notes_are_kept)
{
    pupil p = make_case(&fit_cases[0], TALUS_DTYPE_F32, TALUS_ADAM);
    talus_fit_options options = options_of(&fit_cases[0]);
    char text[64];
    options.checkpoint = path, options.checkpoint_notes = " {\"data\": \"a.csv\"}";
    run_fit(&p, NULL, &options);
    free_pupil(&p);
    expect_ok(context, talus_model_notes(context, path, text, sizeof text, NULL));
    ck_assert_str_eq(text, "{\"data\": \"a.csv\"}");
    p = resume_pupil(&options);
    ck_assert_str_eq(options.checkpoint_notes, "{\"data\": \"a.csv\"}");
    ck_assert_str_eq(options.checkpoint, path);
    free_pupil(&p);
}
END_TEST

/* Refusals ------------------------------------------------------------------------------------------------- */

static void make_file(talus_fit_options *options, const fit_case *of)
{
    pupil p = make_case(of, TALUS_DTYPE_F32, TALUS_ADAM);
    stopper by = {.after = 10};
    *options = options_of(of);
    options->checkpoint = path;
    stop_by(&by, options);
    expect_ok(context, fit_case_data(of, p.trainer, options, NULL));
    free_pupil(&p);
}

START_TEST(other_data_is_refused)
{
    talus_fit_options options;
    talus_dataset *fewer = slice_of(training, 0, SAMPLES - 1), *less = slice_of(held_out, 0, 7);
    make_file(&options, &fit_cases[1]);
    pupil p = resume_pupil(&options);
    expect_status(context, TALUS_ERROR_SHAPE, talus_trainer_fit(p.trainer, fewer, held_out, &options, NULL));
    expect_message(context, "fit: training must have 53 samples, as it had in the checkpoint, got 52");
    expect_status(context, TALUS_ERROR_SHAPE, talus_trainer_fit(p.trainer, training, less, &options, NULL));
    expect_message(context, "fit: validation must have 30 samples, as it had in the checkpoint, got 7");
    options.metric = TALUS_METRIC_COST;
    expect_status(context, TALUS_ERROR_SHAPE, talus_trainer_fit(p.trainer, training, NULL, &options, NULL));
    expect_message(context, "fit: validation must have 30 samples, as it had in the checkpoint, got 0");
    expect_status(context, TALUS_ERROR_SHAPE, talus_trainer_fit(p.trainer, bowl, held_out, NULL, NULL));
    expect_message(context, "training must have 4 columns of inputs");
    talus_matrix one = talus_matrix_view((double[]){1, 2, 3, 4}, TALUS_DTYPE_F64, 1, INPUTS),
                 target = talus_matrix_view((double[]){1}, TALUS_DTYPE_F64, 1, 1);
    expect_status(context, TALUS_ERROR_STATE,
                  talus_trainer_step(p.trainer, (&(talus_batch){.inputs = one, .targets = target}), NULL));
    expect_message(context, "step: the fit that the trainer was resumed with must go on first");
    expect_ok(context, talus_trainer_fit(p.trainer, training, held_out, NULL, NULL)); /* it still waits */
    expect_ok(context,
              talus_trainer_step(p.trainer, (&(talus_batch){.inputs = one, .targets = target}), NULL));
    free_pupil(&p);
    make_file(&options, &fit_cases[4]);
    p = resume_pupil(&options);
    expect_status(context, TALUS_ERROR_SHAPE, talus_trainer_fit(p.trainer, fewer, NULL, NULL, NULL));
    expect_message(context, "fit: training must have 53 samples, as it had in the checkpoint, got 52");
    free_pupil(&p);
    talus_dataset_destroy(fewer), talus_dataset_destroy(less);
}
END_TEST

START_TEST(other_options_are_refused)
{
    talus_fit_options options;
    make_file(&options, &fit_cases[2]);
    pupil p = resume_pupil(&options);
    static const struct {
        const char *name, *text;
    } changes[] = {{"batch", "7"},        {"seed", "6"},          {"shuffle", "false"}, {"average", "0.95"},
                   {"patience", "2"},     {"metric", "r2"},       {"accumulate", "2"},  {"retries", "1"},
                   {"keep_average", "0"}, {"least_change", "0.5"}};
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        char message[64];
        talus_fit_options other = options;
        expect_ok(context,
                  talus_option_set(context, TALUS_STRUCTURE_FIT, &other, changes[i].name, changes[i].text));
        expect_status(context, TALUS_ERROR_ARGUMENT, fit_case_data(&fit_cases[2], p.trainer, &other, NULL));
        snprintf(message, sizeof message, "fit: %s must be ", changes[i].name);
        expect_message(context, message);
        expect_message(context, "as it is in the checkpoint");
    }
    options.max_steps = 1000, options.max_seconds = 1000, options.checkpoint = NULL;
    options.checkpoint_notes = NULL;
    expect_ok(context, fit_case_data(&fit_cases[2], p.trainer, &options, NULL));
    free_pupil(&p);
}
END_TEST

START_TEST(wrong_arguments_are_refused)
{
    pupil p = make_case(&fit_cases[0], TALUS_DTYPE_F32, TALUS_ADAM);
    talus_network *network = NULL;
    talus_trainer *trainer = NULL;
    talus_fit_options options = fit_options(1);
    options.checkpoint_notes = "{}";
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_trainer_fit(p.trainer, training, NULL, &options, NULL));
    expect_message(context, "fit: checkpoint_notes needs checkpoint, and must be NULL without it");
    options.checkpoint = path, options.checkpoint_notes = "{";
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_trainer_fit(p.trainer, training, NULL, &options, NULL));
    expect_message(context, "fit: checkpoint_notes");
    options.checkpoint_notes = NULL, options.checkpoint_keep = 0;
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_trainer_fit(p.trainer, training, NULL, &options, NULL));
    expect_message(context, "fit: checkpoint_keep must be");
    options.checkpoint_keep = 3, options.checkpoint = NULL;
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_trainer_fit(p.trainer, training, NULL, &options, NULL));
    expect_message(context, "fit: checkpoint_keep needs checkpoint, and must be 2 without it, got 3");
    options.checkpoint = "/nowhere/run";
    expect_status(context, TALUS_ERROR_FILE, talus_trainer_fit(p.trainer, training, NULL, &options, NULL));
    expect_message(context, "\"/nowhere/run\" cannot be written");
    ck_assert_int_eq(talus_trainer_steps(p.trainer), 0);
    expect_status(context, TALUS_ERROR_FILE,
                  talus_checkpoint_resume(context, path, &network, &trainer, NULL));
    expect_message(context, "cannot be opened: No such file");
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_checkpoint_resume(context, NULL, &network, &trainer, NULL));
    expect_message(context, "checkpoint_resume: path must not be NULL");
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_checkpoint_resume(context, path, NULL, &trainer, NULL));
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_checkpoint_resume(context, path, &network, NULL, NULL));
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_checkpoint_resume_sized(context, path, &network, &trainer, &options, 8));
    ck_assert_int_eq(talus_checkpoint_resume(NULL, path, &network, &trainer, NULL), TALUS_ERROR_ARGUMENT);
    expect_ok(context, talus_model_save(p.network, NULL, path));
    expect_status(context, TALUS_ERROR_FORMAT,
                  talus_checkpoint_resume(context, path, &network, &trainer, NULL));
    expect_message(context, "is a model, not a checkpoint of a fit");
    make_file(&options, &fit_cases[0]);
    expect_status(context, TALUS_ERROR_FORMAT, talus_model_load(context, path, &network));
    expect_message(context, "is a checkpoint of a fit, not a model: talus_checkpoint_resume goes on with it");
    ck_assert_ptr_null(network);
    ck_assert_ptr_null(trainer);
    free_pupil(&p);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("checkpoint");
    TCase *all = case_with(suite, begin_checkpoints, end_checkpoints);
    tcase_add_loop_test(all, a_fit_in_pieces_is_the_whole_fit, 0, TALUS_METHOD_COUNT);
    tcase_add_test(all, a_fit_step_by_step_is_the_whole_fit);
    tcase_add_test(all, retreats_and_best_epochs_are_there);
    tcase_add_test(all, a_callback_may_stop_after_an_epoch);
    tcase_add_loop_test(all, a_finished_fit_is_finished_again, 0, fit_case_count);
    tcase_add_test(all, a_finished_fit_may_be_made_longer);
    tcase_add_loop_test(all, what_callbacks_have_set_is_kept, 2, 4);
    tcase_add_test(all, schedules_of_callers_are_given_anew);
    tcase_add_test(all, talus_fit_has_checkpoints_too);
    tcase_add_loop_test(all, so_many_are_kept, 1, 5);
    tcase_add_test(all, within_epochs_time_counts);
    tcase_add_loop_test(all, an_older_one_is_read_if_the_newest_cannot_be, 0, 2);
    tcase_add_test(all, notes_are_kept);
    tcase_add_test(all, other_data_is_refused);
    tcase_add_test(all, other_options_are_refused);
    tcase_add_test(all, wrong_arguments_are_refused);
    return run_suite(suite);
}
