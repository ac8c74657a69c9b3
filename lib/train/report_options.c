/* How a report is made. */
#include <math.h>

#include "train/metric_table.h"

#define ROW(field) TL_FIELD(talus_report_options, field)

static const tl_option rows[] = {
    {ROW(task), .type = TALUS_OPTION_TYPE_NAME, .names = &tl_task_names, .most = INFINITY,
     .sentence = "What outputs mean; auto: as the network's loss takes labels."},
    {ROW(bins), .type = TALUS_OPTION_TYPE_INT, .least = 1, .most = 256, .standard = 15,
     .sentence = "The bins of the calibration error."},
    {ROW(top_k), .type = TALUS_OPTION_TYPE_INT64, .least = 1, .most = INFINITY, .standard = 5,
     .sentence = "Of classes: how many of the largest outputs count as right."},
    {ROW(threshold), .type = TALUS_OPTION_TYPE_DOUBLE, .least = -INFINITY, .most = INFINITY, .standard = 0.5,
     .sentence = "Of sides: above it an output says yes."},
    {ROW(confusion), .type = TALUS_OPTION_TYPE_POINTER,
     .sentence = "Receives the weights of samples by class and by predicted class."},
    {ROW(classes), .type = TALUS_OPTION_TYPE_POINTER,
     .sentence = "Receives precision, recall, F1, AUC and weight of each class."},
};

const tl_options tl_report_table = {
    .name = "report",
    .size = sizeof(talus_report_options),
    .began = TL_END_OF(talus_report_options, confusion),
    .count = sizeof rows / sizeof *rows,
    .rows = rows,
};

void talus_report_options_defaults_sized(talus_report_options *options, size_t size)
{
    tl_options_defaults(&tl_report_table, options, size);
}

talus_status tl_report_take(talus_context *context, talus_report_options *options,
                            const talus_report_options *from, size_t size)
{
    talus_status status = tl_options_take(context, &tl_report_table, NULL, options, from, size);
    return status == TALUS_OK ? tl_options_check(context, &tl_report_table, NULL, options) : status;
}

talus_status tl_report_check_task(talus_context *context, const talus_report_options *options)
{
    static const char *const of_all[] = {"task", NULL}, *const of_values[] = {NULL},
                             *const of_classes[] = {"bins", "top_k", "confusion", "classes", NULL},
                             *const of_sides[] = {"bins", "threshold", "confusion", "classes", NULL};
    static const char *const *const of_task[TALUS_TASK_COUNT] = {
        [TALUS_TASK_VALUES] = of_values, [TALUS_TASK_CLASSES] = of_classes, [TALUS_TASK_SIDES] = of_sides};
    static const char *const names[TALUS_TASK_COUNT] = {[TALUS_TASK_VALUES] = "a task of values",
                                                        [TALUS_TASK_CLASSES] = "a task of classes",
                                                        [TALUS_TASK_SIDES] = "a task of sides"};
    return tl_options_check_unused(context, &tl_report_table, NULL, names[options->task], of_all,
                                   of_task[options->task], options);
}
