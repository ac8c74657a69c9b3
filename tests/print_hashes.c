/* Prints a hash of the parameters after 200 steps for each precision, instruction set, plan and odd shape, and each kind of
 * activation and loss in some of them: before and after a change that is not to change a bit, the lines are equal. */
#include <stdio.h>

#include "base/processor.h"
#include "network/kinds.h"
#include "training_bits.h"

static const struct {
    int64_t widths[5], batch;
} shapes[] = {
    {{1, 1}, 3},       {{2, 3}, 5},    {{5, 17, 3}, 31},     {{31, 64, 100, 2}, 64}, {{100, 37, 19, 10}, 130},
    {{17, 5, 1}, 100}, {{64, 1}, 257}, {{784, 256, 10}, 128}};
enum { SHAPES = sizeof shapes / sizeof shapes[0] };

static const char *const plans[] = {"", LAYER_BY_LAYER, FOR_ALL_SETS("products=blas")};
static const char *const plan_names[] = {"plan of users", "layer by layer", "products by the BLAS"};
enum { PLANS = sizeof plans / sizeof plans[0] };

static void print_hash(training_run run, int plan, const char *kinds)
{
    printf("%-8s %s  %-20s  %4lld", tl_instruction_set_name(run.instruction_set),
           talus_dtype_name(run.precision), plan_names[plan], (long long)run.batch);
    for (int l = 0; l < 5 && run.widths[l] != 0; l++)
        printf("%c%lld", l == 0 ? ' ' : '-', (long long)run.widths[l]);
    printf("  %s, %s: %016llx\n", kinds, talus_method_name(run.method),
           (unsigned long long)training_bits(&run));
}

/* Number `kind` of the pairs of a loss and an activation of the layers, or of those before a last one that is fused. */
static void print_kinds(training_run run, int plan, int kind)
{
    int activation = kind % TALUS_ACTIVATION_COUNT, loss = kind / TALUS_ACTIVATION_COUNT;
    if (tl_activation_kind_of(activation)->flat)
        return;
    int fused = tl_loss_kind_of(loss)->fused, output = fused < 0 ? activation : fused;
    struct training_kinds kinds = {.hidden = activation, .output = output, .loss = loss};
    char names[100];
    (void)snprintf(names, sizeof names, "%s … %s with %s", talus_activation_name(activation),
                   talus_activation_name(output), talus_loss_name(loss));
    run.kinds = &kinds;
    run.method = kind % TALUS_METHOD_COUNT;
    print_hash(run, plan, names);
}

static void print_shape(training_run run, int plan, int shape)
{
    memcpy(run.widths, shapes[shape].widths, sizeof run.widths);
    int64_t outputs = 0;
    for (int l = 0; l < 5 && run.widths[l] != 0; l++)
        outputs = run.widths[l];
    run.batch = shapes[shape].batch;
    run.short_batch = run.batch > 8 ? run.batch - 7 : run.batch;
    if (shape == SHAPES - 1) {
        run.method = TALUS_ADAM;
        print_hash(run, plan, "tanh, relu, softmax with cross_entropy");
        return;
    }
    for (int kind = 0; kind < TALUS_ACTIVATION_COUNT * TALUS_LOSS_COUNT; kind++)
        if (outputs % tl_loss_kind_of(kind / TALUS_ACTIVATION_COUNT)->outputs == 0)
            print_kinds(run, plan, kind);
}

START_TEST(print_hashes)
{
    for (int set = TALUS_INSTRUCTION_SET_BASELINE; set < TALUS_INSTRUCTION_SET_COUNT; set++)
        for (int precision = TALUS_DTYPE_F32; tl_processor_runs(set) && precision <= TALUS_DTYPE_F64;
             precision++)
            for (int plan = 0; plan < PLANS; plan++)
                for (int shape = 0; shape < SHAPES; shape++)
                    print_shape((training_run){.threads = 2,
                                               .precision = precision,
                                               .instruction_set = set,
                                               .plan = plan == 0 ? NULL : plans[plan],
                                               .steps = 200},
                                plan, shape);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("print hashes");
    add_case(suite, "hashes", print_hashes);
    return run_suite(suite);
}
