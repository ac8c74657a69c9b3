/* Numbers that are easily lost: long sums, small probabilities beside large ones, slopes far below 0. In f32, against the
 * same in f64 or in closed form. */
#include <float.h>

#include "support.h"

static talus_network *one_layer(talus_context *context, int64_t inputs, int64_t outputs, int activation,
                                int loss, int precision)
{
    talus_layer layer = {.width = outputs, .activation = activation};
    talus_network_spec spec = {.inputs = inputs,
                               .layers = &layer,
                               .layer_count = 1,
                               .loss = loss,
                               .precision = precision,
                               .seed = 1};
    talus_network *network = NULL;
    expect_ok(context, talus_network_create(context, &spec, &network));
    return network;
}

static double gradient_of(talus_context *context, const talus_network *network, const talus_matrix *inputs,
                          const talus_matrix *targets, void *gradient)
{
    talus_workspace *workspace;
    double cost;
    talus_matrix view = talus_matrix_view(gradient, talus_network_precision(network), 1,
                                          talus_network_parameter_count(network));
    expect_ok(context, talus_workspace_create(context, network, inputs->rows, &workspace));
    expect_ok(context, talus_gradient(network, workspace, BATCH(*inputs, *targets), &cost, &view));
    talus_workspace_destroy(workspace);
    return cost;
}

/* ∇W of 64-1 over 60 000 samples: its error grows with the root of a sum's parts, not with its length. */
START_TEST(a_gradient_over_many_samples_keeps_its_digits)
{
    enum { INPUTS = 64, SAMPLES = 60000, COUNT = INPUTS + 1 };
    talus_context *context = context_with(2, NULL);
    talus_network *f32 = one_layer(context, INPUTS, 1, TALUS_IDENTITY, TALUS_SQUARED_ERROR, TALUS_DTYPE_F32);
    talus_network *f64 = one_layer(context, INPUTS, 1, TALUS_IDENTITY, TALUS_SQUARED_ERROR, TALUS_DTYPE_F64);
    talus_matrix p, q;
    expect_ok(context, talus_network_parameters(f32, &p));
    expect_ok(context, talus_network_parameters(f64, &q));
    for (int i = 0; i < COUNT; i++)
        ((double *)q.data)[i] = (double)((float *)p.data)[i];
    double *x = random_array(5, SAMPLES * INPUTS), *y = random_array(6, SAMPLES), exact[COUNT], error = 0;
    float *xf = to_float(x, SAMPLES * INPUTS), *yf = to_float(y, SAMPLES), rounded[COUNT];
    for (int64_t i = 0; i < SAMPLES * INPUTS; i++)
        xf[i] += 0.5f; /* sums that do not cancel */
    talus_matrix inputs = talus_matrix_view(xf, TALUS_DTYPE_F32, SAMPLES, INPUTS);
    talus_matrix targets = talus_matrix_view(yf, TALUS_DTYPE_F32, SAMPLES, 1);
    gradient_of(context, f32, &inputs, &targets, rounded);
    gradient_of(context, f64, &inputs, &targets, exact);
    for (int i = 0; i < COUNT; i++)
        error = fmax(error, fabs((double)rounded[i] - exact[i]));
    ck_assert_double_le(error, 8 * (double)FLT_EPSILON * largest(exact, COUNT));
    free(x), free(y), free(xf), free(yf);
    talus_network_destroy(f32);
    talus_network_destroy(f64);
    talus_context_destroy(context);
}
END_TEST

/* 1000 classes, logits 0 for the right one and `low` for the others: C = log(1 + 999·exp(low)). */
static void many_small_classes(float low)
{
    enum { CLASSES = 1000 };
    talus_context *context = context_with(1, NULL);
    talus_network *network = one_layer(context, 1, CLASSES, TALUS_SOFTMAX, TALUS_CROSS_ENTROPY,
                                       TALUS_DTYPE_F32);
    talus_matrix parameters;
    expect_ok(context, talus_network_parameters(network, &parameters));
    float *theta = parameters.data, x = 1, gradient[2 * CLASSES];
    int32_t label = 0;
    for (int i = 0; i < CLASSES; i++) {
        theta[i] = 0;
        theta[CLASSES + i] = i == 0 ? 0 : low;
    }
    talus_matrix inputs = talus_matrix_view(&x, TALUS_DTYPE_F32, 1, 1),
                 targets = talus_matrix_view(&label, TALUS_DTYPE_I32, 1, 1);
    double cost = gradient_of(context, network, &inputs, &targets, gradient);
    double others = (CLASSES - 1) * exp((double)low), expected = log1p(others);
    ck_assert_double_eq_tol(cost, expected, 8 * (double)FLT_EPSILON * expected);
    /* The slope at the right class is a − 1, with the rounding of a. */
    ck_assert_double_eq_tol((double)gradient[CLASSES], -others / (1 + others), (double)FLT_EPSILON);
    ck_assert_double_eq_tol((double)gradient[CLASSES + 1], exp((double)low) / (1 + others),
                            8 * (double)FLT_EPSILON * exp((double)low));
    talus_network_destroy(network);
    talus_context_destroy(context);
}

START_TEST(small_classes_count)
{
    many_small_classes(-12.4f);
    many_small_classes(-17.2f);
    many_small_classes(-30);
}
END_TEST

/* ∂C/∂b = (a − y)·f′(z) of one ELU at z = b: α·exp(z) to the last digits, however far below 0. */
START_TEST(the_slope_of_elu_does_not_cancel)
{
    for (double z = -0.01; z > -80; z *= 1.5) {
        talus_context *context = context_with(1, NULL);
        talus_network *network = one_layer(context, 1, 1, TALUS_ELU, TALUS_SQUARED_ERROR, TALUS_DTYPE_F32);
        talus_matrix parameters;
        expect_ok(context, talus_network_parameters(network, &parameters));
        float *theta = parameters.data, x = 0, y = 1, gradient[2];
        theta[1] = (float)z;
        talus_matrix inputs = talus_matrix_view(&x, TALUS_DTYPE_F32, 1, 1),
                     targets = talus_matrix_view(&y, TALUS_DTYPE_F32, 1, 1);
        gradient_of(context, network, &inputs, &targets, gradient);
        double at = (double)theta[1], expected = (expm1(at) - 1) * exp(at);
        ck_assert_double_eq_tol((double)gradient[1], expected, 8 * (double)FLT_EPSILON * fabs(expected));
        talus_network_destroy(network);
        talus_context_destroy(context);
    }
}
END_TEST

/* With one output, cross-entropy has one class, 0, whose probability is 1. */
START_TEST(one_class_is_class_0)
{
    talus_context *context = context_with(1, NULL);
    talus_network *network = one_layer(context, 1, 1, TALUS_SOFTMAX, TALUS_CROSS_ENTROPY, TALUS_DTYPE_F32);
    talus_workspace *workspace;
    float x = 1;
    int32_t label = 0;
    double cost = -1;
    talus_matrix inputs = talus_matrix_view(&x, TALUS_DTYPE_F32, 1, 1),
                 targets = talus_matrix_view(&label, TALUS_DTYPE_I32, 1, 1);
    expect_ok(context, talus_workspace_create(context, network, 1, &workspace));
    expect_ok(context, talus_gradient(network, workspace, BATCH(inputs, targets), &cost, NULL));
    ck_assert_double_eq(cost, 0);
    label = 1;
    expect_status(context, TALUS_ERROR_DATA,
                  talus_gradient(network, workspace, BATCH(inputs, targets), &cost, NULL));
    expect_message(context, "0 … 0, got 1");
    talus_workspace_destroy(workspace);
    talus_network_destroy(network);
    talus_context_destroy(context);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("accuracy");
    add_case(suite, "accuracy", a_gradient_over_many_samples_keeps_its_digits, small_classes_count,
             the_slope_of_elu_does_not_cancel, one_class_is_class_0);
    return run_suite(suite);
}
