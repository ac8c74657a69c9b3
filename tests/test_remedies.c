/* What ails networks is shown, named, and each remedy is seen to work, in numbers. */
#include "fixture.h"

enum { SAMPLES = 100, INPUTS = 16, WIDTH = 32, LAYERS = 10 };

static double *x, *y;
static talus_matrix inputs, targets;
static talus_network *network;
static talus_health health[LAYERS];
static int normalization; /* of hidden layers */
static char text[1000];   /* of the last verdict */

static void setup(void)
{
    begin_counted();
    x = random_array(1, SAMPLES * INPUTS), y = random_array(2, SAMPLES);
    inputs = talus_matrix_view(x, TALUS_DTYPE_F64, SAMPLES, INPUTS);
    targets = talus_matrix_view(y, TALUS_DTYPE_F64, SAMPLES, 1);
    network = NULL;
    normalization = TALUS_NORMALIZATION_NONE;
}

static void teardown(void)
{
    talus_network_destroy(network);
    free(x), free(y);
    end_counted();
}

/* `depth` layers, the last one linear with one output, in the place of the network before. */
static void make_network(int depth, int activation, int initializer)
{
    talus_layer layers[LAYERS];
    for (int l = 0; l < depth; l++) {
        layers[l] = talus_dense(l < depth - 1 ? WIDTH : 1, l < depth - 1 ? activation : TALUS_IDENTITY);
        layers[l].initializer = initializer;
        layers[l].normalization = l < depth - 1 ? normalization : TALUS_NORMALIZATION_NONE;
    }
    talus_network_spec spec = talus_dense_network(INPUTS, layers, depth, TALUS_SQUARED_ERROR);
    spec.seed = 3;
    talus_network_destroy(network);
    network = NULL;
    expect_ok(context, talus_network_create(context, &spec, &network));
}

static void scale_weights(float factor)
{
    for (int l = 1; l <= talus_network_layer_count(network); l++) {
        talus_matrix w;
        expect_ok(context, talus_network_weights(network, NULL, l, &w));
        for (int64_t i = 0; i < w.rows * w.cols; i++)
            ((float *)w.data)[i] *= factor;
    }
}

static void set_biases(int layer, float value)
{
    talus_matrix b;
    expect_ok(context, talus_network_biases(network, NULL, layer, &b));
    for (int64_t i = 0; i < b.cols; i++)
        ((float *)b.data)[i] = value;
}

static int verdict(void)
{
    int found = -1, depth = talus_network_layer_count(network);
    talus_workspace *workspace = workspace_of(network, SAMPLES);
    expect_ok(context, talus_health_of(network, workspace, BATCH(inputs, targets), health, depth));
    expect_ok(context, talus_health_verdict(context, health, depth, &found, text, sizeof text, NULL));
    talus_workspace_destroy(workspace);
    return found;
}

/* Beside such targets the outputs are nothing: Δ_L = (A_L − Y)/n is the same whatever the weights are. */
static void make_targets_large(void)
{
    for (int i = 0; i < SAMPLES; i++)
        y[i] *= 1e12;
}

/* That the last verdict says to try this. */
static void expect_remedy(const char *remedy)
{
    ck_assert_msg(strstr(text, remedy) != NULL, "\"%s\" is not in \"%s\"", remedy, text);
}

/* ‖Δ‖ a unit of the first layer beside that of the last hidden one. */
static double faded(void)
{
    return health[0].delta / health[talus_network_layer_count(network) - 2].delta;
}

/* f′ ≤ ¼, and the weights of Glorot's draw keep no more than the norm: eight factors of about ¼ are 1.5e-5. */
START_TEST(ten_sigmoid_layers_vanish)
{
    static const int remedies[] = {TALUS_RELU, TALUS_LEAKY_RELU, TALUS_ELU, TALUS_TANH};
    make_network(LAYERS, TALUS_SIGMOID, TALUS_INIT_AUTO);
    ck_assert_str_eq(talus_verdict_name(verdict()), "vanishing");
    ck_assert_double_le(faded(), pow(0.25, LAYERS - 2) * 4);
    for (int i = 0; i < 4; i++) {
        make_network(LAYERS, remedies[i], TALUS_INIT_AUTO);
        ck_assert_str_eq(talus_verdict_name(verdict()), "healthy");
        ck_assert(faded() > 0.1 && faded() < 10);
    }
}
END_TEST

/* He's weights keep ‖Δ‖ through relu layers; LeCun's, half their variance, halve ‖Δ‖² in each of eight: to 1/16. */
START_TEST(initialisation_keeps_the_norm_of_deltas)
{
    make_targets_large();
    make_network(LAYERS, TALUS_RELU, TALUS_INIT_HE_NORMAL);
    ck_assert_str_eq(talus_verdict_name(verdict()), "healthy");
    double he = faded();
    make_network(LAYERS, TALUS_RELU, TALUS_INIT_LECUN_NORMAL);
    (void)verdict();
    ck_assert_double_eq_tol(faded() / he, 1.0 / 16, 1e-4);
}
END_TEST

/* Weights that are c times too large make relu's Δ grow by c a layer: exactly, since relu(c·z) = c·relu(z). */
START_TEST(a_badly_scaled_network_explodes)
{
    make_targets_large();
    make_network(LAYERS, TALUS_RELU, TALUS_INIT_AUTO);
    (void)verdict();
    double good = faded();
    scale_weights(4);
    ck_assert_str_eq(talus_verdict_name(verdict()), "exploding");
    ck_assert_double_eq_tol(faded() / good, pow(4, LAYERS - 2), 10);
    expect_ok(context, talus_network_initialize(network, 3));
    ck_assert_str_eq(talus_verdict_name(verdict()), "healthy");
}
END_TEST

/* ẑ does not depend on the scale c of the weights, and Δ_l = ∂C/∂Z_l is divided by the deviation of Z_l, which they share: the
 * growth of Δ is that of well-scaled weights, but for ε = 1e-5 in each layer beside a variance of about c². */
START_TEST(normalisation_undoes_bad_scales)
{
    static const float scales[] = {4, 0.125F};
    make_targets_large();
    for (int i = 0; i < 2; i++) {
        normalization = TALUS_NORMALIZATION_NONE;
        make_network(LAYERS, TALUS_RELU, TALUS_INIT_AUTO);
        scale_weights(scales[i]);
        ck_assert_str_eq(talus_verdict_name(verdict()), i == 0 ? "exploding" : "vanishing");
        expect_remedy(i == 0 ? ", normalisation, or clipping of the gradient" : ", or normalisation");
        normalization = _i;
        make_network(LAYERS, TALUS_RELU, TALUS_INIT_AUTO);
        (void)verdict();
        double good = faded(), c = (double)scales[i];
        scale_weights(scales[i]);
        ck_assert_str_eq(talus_verdict_name(verdict()), "healthy");
        ck_assert_double_eq_tol(faded() / good, 1, 1e-5 * LAYERS * (1 + 2 / (c * c)));
    }
}
END_TEST

/* Over the batch, outputs of sigmoid for ẑ of deviation 1 deviate by about f′ = 0.2, and so do the z of Glorot's weights above
 * them: f′ over that deviation keeps ‖Δ‖ where f′ alone makes it vanish. Over the units of a layer, z deviates with the mean
 * of the outputs, too, by √(0.25 + 0.04): it helps by about 1.9 a layer, which is not enough. */
START_TEST(normalisation_helps_sigmoid_layers)
{
    make_network(LAYERS, TALUS_SIGMOID, TALUS_INIT_AUTO);
    ck_assert_str_eq(talus_verdict_name(verdict()), "vanishing");
    expect_remedy("or batch normalisation");
    double plain = faded();
    normalization = TALUS_NORMALIZATION_LAYER;
    make_network(LAYERS, TALUS_SIGMOID, TALUS_INIT_AUTO);
    (void)verdict();
    ck_assert(faded() / plain > pow(1.5, LAYERS - 2) && faded() / plain < pow(2.5, LAYERS - 2));
    normalization = TALUS_NORMALIZATION_BATCH;
    make_network(LAYERS, TALUS_SIGMOID, TALUS_INIT_AUTO);
    ck_assert_str_eq(talus_verdict_name(verdict()), "healthy");
    ck_assert(faded() > 0.1 && faded() < 10);
}
END_TEST

/* Inputs in the hundreds saturate tanh, but not where z is normalised. */
START_TEST(normalisation_keeps_tanh_from_saturating)
{
    for (int i = 0; i < SAMPLES * INPUTS; i++)
        x[i] *= 300;
    make_network(3, TALUS_TANH, TALUS_INIT_AUTO);
    ck_assert_str_eq(talus_verdict_name(verdict()), "saturated");
    expect_remedy(", normalisation, or scaled inputs");
    normalization = _i;
    make_network(3, TALUS_TANH, TALUS_INIT_AUTO);
    ck_assert_str_eq(talus_verdict_name(verdict()), "healthy");
    ck_assert_double_lt(health[0].saturated, 0.1);
}
END_TEST

/* Inputs above 0 and weights below it kill relu; over the batch, each ẑ has the mean 0, and so some are above it. */
START_TEST(batch_normalisation_brings_relu_to_life)
{
    for (int i = 0; i < SAMPLES * INPUTS; i++)
        x[i] += 2;
    for (int normal = 0; normal < 2; normal++) {
        talus_matrix w;
        normalization = normal ? TALUS_NORMALIZATION_BATCH : TALUS_NORMALIZATION_NONE;
        make_network(3, TALUS_RELU, TALUS_INIT_AUTO);
        expect_ok(context, talus_network_weights(network, NULL, 1, &w));
        for (int64_t i = 0; i < w.rows * w.cols; i++)
            ((float *)w.data)[i] = -fabsf(((float *)w.data)[i]);
        ck_assert_str_eq(talus_verdict_name(verdict()), normal ? "healthy" : "dead");
        ck_assert_double_eq(health[0].dead, normal ? 0 : 1);
        if (!normal)
            expect_remedy("batch normalisation");
    }
}
END_TEST

/* Costs of steps of gradient descent, before the first and after the last; infinite if it diverges. */
static double train(double clip_norm, int steps, double *first, double *largest_update)
{
    talus_optimizer_spec spec;
    talus_optimizer_defaults(&spec, TALUS_GRADIENT_DESCENT);
    spec.rate = 0.01, spec.clip_norm = clip_norm;
    talus_trainer *trainer = NULL;
    double cost = 0;
    *largest_update = 0;
    expect_ok(context, talus_trainer_create(network, &spec, SAMPLES, &trainer));
    expect_ok(context, talus_trainer_watch_health(trainer, 1));
    for (int step = 0; step <= steps && isfinite(cost); step++) {
        expect_ok(context, talus_trainer_step(trainer, BATCH(inputs, targets), &cost));
        if (step == 0)
            *first = cost;
        for (int l = 1; l <= talus_network_layer_count(network); l++) {
            talus_health h;
            expect_ok(context, talus_trainer_health(trainer, l, &h));
            *largest_update = fmax(*largest_update, h.update);
            health[l - 1] = h;
        }
    }
    expect_ok(context, talus_health_verdict(context, health, talus_network_layer_count(network), NULL, text,
                                            sizeof text, NULL));
    talus_trainer_destroy(trainer);
    return cost;
}

/* A step of clipped gradient descent moves by η·c at most. */
START_TEST(clipping_keeps_an_exploding_network_together)
{
    double first, update;
    make_network(4, TALUS_RELU, TALUS_INIT_AUTO);
    scale_weights(4);
    ck_assert(!isfinite(train(0, 50, &first, &update)));
    expect_remedy("clipping of the gradient");
    make_network(4, TALUS_RELU, TALUS_INIT_AUTO);
    scale_weights(4);
    double last = train(1, 200, &first, &update);
    ck_assert_double_le(update, 0.01 * (1 + 1e-5));
    ck_assert_double_lt(last, first / 2);
}
END_TEST

/* Units whose z never exceeds 0 learn nothing; those with a slope below 0 come back. */
START_TEST(large_negative_biases_kill_relu)
{
    static const int remedies[] = {TALUS_LEAKY_RELU, TALUS_ELU, TALUS_SOFTPLUS};
    make_network(3, TALUS_RELU, TALUS_INIT_AUTO);
    set_biases(1, -10);
    ck_assert_str_eq(talus_verdict_name(verdict()), "dead");
    ck_assert_double_eq(health[0].dead, 1);
    ck_assert_double_eq(health[0].gradient, 0);
    for (int i = 0; i < 3; i++) {
        make_network(3, remedies[i], TALUS_INIT_AUTO);
        set_biases(1, -10);
        (void)verdict();
        ck_assert_double_eq(health[0].dead, 0);
        ck_assert_double_gt(health[0].gradient, 0);
    }
    make_network(3, TALUS_RELU, TALUS_INIT_AUTO); /* whose biases start at 0 */
    ck_assert_str_eq(talus_verdict_name(verdict()), "healthy");
}
END_TEST

/* Inputs in the hundreds saturate tanh; scaled, they do not. */
START_TEST(large_inputs_saturate_tanh)
{
    for (int i = 0; i < SAMPLES * INPUTS; i++)
        x[i] *= 300;
    make_network(3, TALUS_TANH, TALUS_INIT_AUTO);
    ck_assert_str_eq(talus_verdict_name(verdict()), "saturated");
    ck_assert_double_gt(health[0].saturated, 0.9);
    talus_dataset *data = dataset_of(&inputs, &targets);
    expect_ok(context, talus_network_fit_input_scaling(network, data, TALUS_SCALING_STANDARD));
    ck_assert_str_eq(talus_verdict_name(verdict()), "healthy");
    ck_assert_double_lt(health[0].saturated, 0.1);
    talus_dataset_destroy(data);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("remedies");
    TCase *tests = case_with(suite, setup, teardown);
    tcase_add_test(tests, ten_sigmoid_layers_vanish);
    tcase_add_test(tests, initialisation_keeps_the_norm_of_deltas);
    tcase_add_test(tests, a_badly_scaled_network_explodes);
    tcase_add_loop_test(tests, normalisation_undoes_bad_scales, 1, TALUS_NORMALIZATION_COUNT);
    tcase_add_test(tests, normalisation_helps_sigmoid_layers);
    tcase_add_loop_test(tests, normalisation_keeps_tanh_from_saturating, 1, TALUS_NORMALIZATION_COUNT);
    tcase_add_test(tests, batch_normalisation_brings_relu_to_life);
    tcase_add_test(tests, clipping_keeps_an_exploding_network_together);
    tcase_add_test(tests, large_negative_biases_kill_relu);
    tcase_add_test(tests, large_inputs_saturate_tanh);
    return run_suite(suite);
}
