/* Hessian products: against differences of gradients, closed forms, symmetry, and the same bits on any threads. */
#include "diagnose/hessian.h"
#include "fixture.h"
#include "problem.h"

/* (g(θ + h·v) − g(θ − h·v))/2h with h = ε^⅓ errs by h²·C⁗/6 + ε·g/h, so by a few ε^⅔ of what H·v and g are made of; the few
 * are the fourth derivative and the length of sums. */
#define ERROR (256 * pow(2.220446049250313e-16, 2.0 / 3))

static void product_of(const problem *p, const talus_batch *batch, const double *v, double *product)
{
    talus_matrix from = f64_view(v, 1, p->parameters), to = f64_view(product, 1, p->parameters);
    expect_ok(p->context, talus_hessian_product(p->network, p->workspace, batch, &from, &to));
}

static void difference_of(problem *p, const talus_batch *batch, const double *v, double *product,
                          double *largest_g)
{
    const double h = cbrt(2.220446049250313e-16);
    double *sides[2], *theta = p->theta;
    for (int side = 0; side < 2; side++) {
        sides[side] = malloc((size_t)p->parameters * sizeof(double));
        p->theta = malloc((size_t)p->parameters * sizeof(double));
        for (int64_t i = 0; i < p->parameters; i++)
            p->theta[i] = theta[i] + (side == 0 ? h : -h) * v[i];
        put_parameters(p);
        talus_matrix view = f64_view(sides[side], 1, p->parameters);
        expect_ok(p->context, talus_gradient(p->network, p->workspace, batch, NULL, &view));
        free(p->theta);
    }
    p->theta = theta;
    put_parameters(p);
    *largest_g = largest(sides[0], p->parameters);
    for (int64_t i = 0; i < p->parameters; i++)
        product[i] = (sides[0][i] - sides[1][i]) / (2 * h);
    free(sides[0]);
    free(sides[1]);
}

static void compare_with_differences(problem *p, const talus_batch *batch)
{
    double *v = random_array(21, p->parameters), *exact = malloc((size_t)p->parameters * sizeof *exact),
           *numeric = malloc((size_t)p->parameters * sizeof *numeric), g;
    product_of(p, batch, v, exact);
    difference_of(p, batch, v, numeric, &g);
    double error = largest_difference(exact, numeric, p->parameters),
           scale = fmax(1, fmax(g, largest(numeric, p->parameters)));
    ck_assert_msg(error <= ERROR * scale, "%s, %s under %s: %g beside %g",
                  talus_activation_name(p->naive.f[1]), talus_activation_name(p->naive.f[p->naive.L]),
                  talus_loss_name(p->naive.loss), error, scale);
    free(v), free(exact), free(numeric);
}

/* Slopes that are learnt stand beside weights and biases, for which alone there are products. */
static bool has_curvature(int f)
{
    return learns(f) && !tl_activation_kind_of(f)->learns_slopes;
}

/* Every activation with every loss. A kind without a row is refused, and fails here. */
START_TEST(products_are_differences_of_gradients)
{
    for (int loss = 0; loss < TALUS_LOSS_COUNT; loss++)
        for (int f = 0; f < TALUS_ACTIVATION_COUNT; f++) {
            if (!has_curvature(f))
                continue;
            int fused = tl_loss_kind_of(loss)->fused;
            problem p = make_problem(&(problem_spec){.n = 5,
                                                     .widths = {3, 6, 4, 4},
                                                     .hidden = f,
                                                     .output = fused >= 0 ? fused : f,
                                                     .loss = loss,
                                                     .precision = TALUS_DTYPE_F64});
            compare_with_differences(&p, BATCH(inputs_of(&p), targets_of(&p)));
            free_problem(&p);
        }
}
END_TEST

START_TEST(every_kind_has_second_derivatives)
{
    for (int loss = 0; loss < TALUS_LOSS_COUNT; loss++)
        ck_assert_msg(tl_loss_has_curvature_f64(loss), "%s needs a row in lib/kernels/curvature_tmpl.c",
                      talus_loss_name(loss));
    for (int f = 0; f < TALUS_ACTIVATION_COUNT; f++)
        ck_assert_msg(!has_curvature(f) || tl_activation_has_curvature_f64(f),
                      "%s needs a row in lib/kernels/curvature_tmpl.c", talus_activation_name(f));
}
END_TEST

/* Several tiles, of which the last is not full; weights of samples; one sample; one unit. */
START_TEST(batches_of_any_shape)
{
    static const int64_t shapes[][4] = {{131, 5, 7, 2}, {1, 4, 3, 2}, {40, 1, 1, 1}, {300, 17, 33, 10}};
    for (int i = 0; i < 4; i++) {
        problem p = make_problem(&(problem_spec){.n = shapes[i][0],
                                                 .widths = {shapes[i][1], shapes[i][2], shapes[i][3]},
                                                 .hidden = TALUS_TANH,
                                                 .output = TALUS_SOFTMAX,
                                                 .loss = TALUS_CROSS_ENTROPY,
                                                 .precision = TALUS_DTYPE_F64,
                                                 .plan = i == 3 ? LAYER_BY_LAYER : NULL});
        talus_batch batch = talus_batch_of(inputs_of(&p), targets_of(&p));
        double *weights = random_array(8, p.n);
        for (int64_t k = 0; k < p.n; k++)
            weights[k] = 1 + weights[k];
        compare_with_differences(&p, &batch);
        batch.weights = f64_view(weights, p.n, 1);
        compare_with_differences(&p, &batch);
        free(weights);
        free_problem(&p);
    }
}
END_TEST

/* uᵀ·H·v = vᵀ·H·u */
START_TEST(the_hessian_is_symmetric)
{
    problem p = make_problem(&(problem_spec){
        .n = 50, .widths = {6, 9, 8, 3}, .hidden = TALUS_SOFTPLUS, .precision = TALUS_DTYPE_F64});
    double *u = random_array(1, p.parameters), *v = random_array(2, p.parameters),
           *hu = random_array(3, p.parameters), *hv = random_array(4, p.parameters), left = 0, right = 0,
           size = 0;
    talus_batch *batch = BATCH(inputs_of(&p), targets_of(&p));
    product_of(&p, batch, u, hu);
    product_of(&p, batch, v, hv);
    for (int64_t i = 0; i < p.parameters; i++) {
        left += u[i] * hv[i], right += v[i] * hu[i];
        size += fabs(u[i] * hv[i]);
    }
    ck_assert_double_eq_tol(left, right, C_PRODUCTS * EPSILON_64 * (double)p.longest * size);
    free(u), free(v), free(hu), free(hv);
    free_problem(&p);
}
END_TEST

/* f32 against f64, and the same bits on 1, 2 and 3 threads. */
START_TEST(precisions_agree_and_threads_do_not_matter)
{
    double *exact = NULL;
    float *first = NULL;
    for (int run = 0; run < 4; run++) {
        problem p = make_problem(&(problem_spec){.n = 200,
                                                 .widths = {12, 40, 33, 5},
                                                 .hidden = TALUS_TANH,
                                                 .precision = run == 0 ? TALUS_DTYPE_F64 : TALUS_DTYPE_F32,
                                                 .threads = run == 0 ? 1 : run});
        double *v = random_array(9, p.parameters), *product = random_array(10, p.parameters);
        if (run == 0) {
            product_of(&p, BATCH(inputs_of(&p), targets_of(&p)), v, product);
            exact = product;
        } else {
            float *single = to_float(v, p.parameters), *made = to_float(v, p.parameters);
            talus_matrix from = talus_matrix_view(single, TALUS_DTYPE_F32, 1, p.parameters),
                         to = talus_matrix_view(made, TALUS_DTYPE_F32, 1, p.parameters);
            expect_ok(p.context, talus_hessian_product(p.network, p.workspace,
                                                       BATCH(inputs_of(&p), targets_of(&p)), &from, &to));
            for (int64_t i = 0; i < p.parameters; i++)
                product[i] = (double)made[i];
            ck_assert_double_le(largest_difference(product, exact, p.parameters),
                                C_SINGLE * EPSILON_32 * (double)p.longest * largest(exact, p.parameters));
            if (run == 1)
                first = made;
            else
                same_bytes(made, first, (size_t)p.parameters * sizeof *made);
            if (run > 1)
                free(made);
            free(single), free(product);
        }
        free(v);
        free_problem(&p);
    }
    free(exact), free(first);
}
END_TEST

/* One linear unit with l2: H·v = Xᵀ·X·v/n + l2·v, and the bias is a 1 in X that has no penalty. */
START_TEST(a_linear_unit_by_hand)
{
    static const double x[] = {1, 2, 3, -1}, y[] = {0, 0}, v[] = {1, -1, 2};
    /* rows (1, 2, 1) and (3, −1, 1): X·v = (1, 6), Xᵀ·X·v/2 = (9.5, −2, 3.5) */
    double product[3];
    talus_layer layer = talus_dense(1, TALUS_IDENTITY);
    layer.l2 = 0.5, layer.l1 = 3;
    talus_network_spec spec = talus_dense_network(2, &layer, 1, TALUS_SQUARED_ERROR);
    spec.precision = TALUS_DTYPE_F64;
    talus_network *network = NULL;
    expect_ok(context, talus_network_create(context, &spec, &network));
    talus_workspace *workspace = workspace_of(network, 2);
    talus_matrix from = f64_view(v, 1, 3), to = f64_view(product, 1, 3);
    expect_ok(context, talus_hessian_product(network, workspace, BATCH(f64_view(x, 2, 2), f64_view(y, 2, 1)),
                                             &from, &to));
    ck_assert_double_eq(product[0], 9.5 + 0.5);
    ck_assert_double_eq(product[1], -2 - 0.5);
    ck_assert_double_eq(product[2], 3.5);
    talus_workspace_destroy(workspace);
    talus_network_destroy(network);
}
END_TEST

START_TEST(calls_are_refused_in_a_sentence)
{
    talus_network *network = two_layers(TALUS_DTYPE_F64, 2, 3, 2, TALUS_IDENTITY);
    talus_workspace *workspace = workspace_of(network, 2);
    static const double numbers[4] = {1, 2, 3, 4};
    static double v[17], product[17];
    talus_matrix x = f64_view(numbers, 2, 2), from = f64_view(v, 1, 17), to = f64_view(product, 1, 17),
                 few = f64_view(product, 1, 16), single = talus_matrix_view(v, TALUS_DTYPE_F32, 1, 17);
    talus_batch *batch = BATCH(x, x);
    ck_assert_int_eq(talus_hessian_product(network, NULL, batch, &from, &to), TALUS_ERROR_ARGUMENT);
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_hessian_product(NULL, workspace, batch, &from, &to));
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_hessian_product(network, workspace, batch, NULL, &to));
    expect_message(context, "v must not be NULL");
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_hessian_product(network, workspace, batch, &single, &to));
    expect_status(context, TALUS_ERROR_SHAPE, talus_hessian_product(network, workspace, batch, &from, &few));
    expect_message(context, "product must be 1 × 17");
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_hessian_product(network, workspace, batch, &to, &to));
    expect_message(context, "v and product must be two vectors");
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_hessian_product(network, workspace, NULL, &from, &to));
    double infinite[4] = {1, 2, 3, (double)INFINITY};
    expect_status(context, TALUS_ERROR_DATA,
                  talus_hessian_product(network, workspace, BATCH(f64_view(infinite, 2, 2), x), &from, &to));
    int64_t alive = book.alive;
    for (int n = 1; n <= 3; n++) {
        refuse_from_now(&book, n);
        expect_status(context, TALUS_ERROR_MEMORY,
                      talus_hessian_product(network, workspace, batch, &from, &to));
        expect_message(context, "hessian_product: the allocator returned no memory");
        ck_assert_int_eq(book.alive, alive);
    }
    book.fail_at = 0;
    talus_workspace_destroy(workspace);
    talus_network_destroy(network);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("hessian");
    add_case(suite, "products", products_are_differences_of_gradients, every_kind_has_second_derivatives,
             batches_of_any_shape, the_hessian_is_symmetric, precisions_agree_and_threads_do_not_matter);
    TCase *counted = case_with(suite, begin_counted, end_counted);
    tcase_add_test(counted, a_linear_unit_by_hand);
    tcase_add_test(counted, calls_are_refused_in_a_sentence);
    return run_suite(suite);
}
