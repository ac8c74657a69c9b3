#include "judge.h"

#include <math.h>

#include "commands.h"

enum { BATCH = 1024 };

int judge(talus_context *context, const talus_network *network, const talus_dataset *data,
          talus_report *report)
{
    talus_workspace *workspace = NULL;
    talus_status status = talus_workspace_create(context, network, BATCH, &workspace);
    if (status == TALUS_OK)
        status = talus_evaluate_report(network, workspace, data, NULL, report);
    talus_workspace_destroy(workspace);
    return status == TALUS_OK || (report_failure(context), 0);
}

void put_metrics(text_buffer *to, const talus_report *report)
{
    const size_t before = to->length;
    put_text(to, "{");
    for (int metric = 0; metric < TALUS_METRIC_COUNT; metric++) {
        talus_estimate found;
        if (talus_report_estimate(report, metric, &found) != TALUS_OK || !isfinite(found.value))
            continue;
        put_text(to, to->length > before + 1 ? ", " : "");
        put_json_string(to, talus_metric_name(metric));
        put_text(to, ": ");
        put_json_number(to, found.value);
    }
    put_text(to, "}");
}

void print_metrics(FILE *to, const talus_report *report)
{
    for (int metric = 0; metric < TALUS_METRIC_COUNT; metric++) {
        talus_estimate found;
        if (talus_report_estimate(report, metric, &found) != TALUS_OK || !isfinite(found.value))
            continue;
        fprintf(to, "  %-20s %.5g", talus_metric_name(metric), found.value);
        fprintf(to, isfinite(found.error) ? " +- %.2g\n" : "\n", found.error);
    }
}
