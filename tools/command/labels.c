#include "labels.h"

#include <math.h>
#include <stdio.h>

enum { MOST = 20 }; /* classes that are seen in numbers */

/* The different labels, and how many there are of each; MOST + 1 if there are more. */
typedef struct label_set {
    double values[MOST];
    int64_t counts[MOST];
    int count;
} label_set;

static void add_label(label_set *to, double label)
{
    int k = 0;
    while (k < to->count && to->values[k] != label)
        k++;
    if (k == MOST) {
        to->count = MOST + 1;
        return;
    }
    to->values[k] = label;
    to->counts[k]++;
    to->count += k == to->count;
}

static int are_signs(const label_set *of)
{
    return of->count == 2 && of->values[0] * of->values[1] == -1 && fabs(of->values[0]) == 1;
}

/* Why they are no classes; NULL if they are. */
static const char *no_classes(const label_set *of)
{
    for (int k = 0; k < of->count && k < MOST; k++)
        if (of->values[k] != floor(of->values[k]) || (of->values[k] < 0 && !are_signs(of)))
            return "are not all whole numbers of at least 0";
    if (of->count > MOST)
        return "are more than 20 different numbers";
    for (int k = 0; k < of->count; k++)
        if (of->counts[k] < 2)
            return "do not all occur twice";
    return NULL;
}

int are_classes(const talus_matrix *labels, int task, char *reason, size_t room)
{
    label_set found = {{0}, {0}, 0};
    const int64_t stride = labels->stride == 0 ? labels->cols : labels->stride;
    if (task != TALUS_TABLE_TASK_AUTO) {
        const int asked = task == TALUS_TABLE_TASK_CLASSIFICATION;
        snprintf(reason, room, "%s, as --task says", asked ? "classification" : "regression");
        return asked;
    }
    for (int64_t i = 0; i < labels->rows && found.count <= MOST; i++)
        add_label(&found, ((const double *)labels->data)[i * stride]);
    const char *why = no_classes(&found);
    if (why != NULL)
        snprintf(reason, room, "regression: the labels %s", why);
    else if (are_signs(&found))
        snprintf(reason, room, "classification: the labels are -1 and 1, which become 0 and 1");
    else
        snprintf(reason, room, "classification: the labels are %d different whole numbers", found.count);
    return why == NULL;
}
