/* Hessian products: against differences of gradients, closed forms, symmetry, and the same bits on any threads. */
#include <stdio.h>

#include "fixture.h"
#include "hessian_support.h"
#include "problem.h"

static hessian_case case_of(const problem *p, const talus_batch *batch)
{
    return (hessian_case){talus_loss_name(p->naive.loss), p->context, p->network, p->workspace, *batch};
}

static void compare(const problem *p, const talus_batch *batch)
{
    char name[96];
    hessian_case c = case_of(p, batch);
    (void)snprintf(name, sizeof name, "%s, %s under %s", talus_activation_name(p->naive.f[1]),
                   talus_activation_name(p->naive.f[p->naive.L]), talus_loss_name(p->naive.loss));
    c.name = name;
    compare_with_differences(&c);
}

/* Every activation with every loss. A kind without a row in lib/kernels/curvature_tmpl.c fails here. */
START_TEST(products_are_differences_of_gradients)
{
    for (int loss = 0; loss < TALUS_LOSS_COUNT; loss++)
        for (int f = 0; f < TALUS_ACTIVATION_COUNT; f++) {
            if (!learns(f))
                continue;
            int fused = tl_loss_kind_of(loss)->fused;
            problem p = make_problem(&(problem_spec){.n = 5,
                                                     .widths = {3, 6, 4, 4},
                                                     .hidden = f,
                                                     .output = fused >= 0 ? fused : f,
                                                     .loss = loss,
                                                     .precision = TALUS_DTYPE_F64});
            compare(&p, BATCH(inputs_of(&p), targets_of(&p)));
            free_problem(&p);
        }
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
        compare(&p, &batch);
        batch.weights = f64_view(weights, p.n, 1);
        compare(&p, &batch);
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
    const hessian_case c = case_of(&p, BATCH(inputs_of(&p), targets_of(&p)));
    expect_symmetry(&c, p.longest);
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
            const hessian_case c = case_of(&p, BATCH(inputs_of(&p), targets_of(&p)));
            hessian_times(&c, v, product);
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

START_TEST(without_gradients_there_are_no_products)
{
    static const double numbers[4] = {1, 2, 3, 4};
    static double v[17], product[17];
    talus_layer layers[] = {talus_dense(3, TALUS_STEP), talus_dense(2, TALUS_IDENTITY)};
    talus_network_spec spec = talus_dense_network(2, layers, 2, TALUS_SQUARED_ERROR);
    spec.precision = TALUS_DTYPE_F64;
    talus_network *network = NULL;
    expect_ok(context, talus_network_create(context, &spec, &network));
    talus_workspace *workspace = workspace_of(network, 2);
    talus_matrix x = f64_view(numbers, 2, 2), from = f64_view(v, 1, 17), to = f64_view(product, 1, 17);
    talus_spectrum spectrum;
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_hessian_product(network, workspace, BATCH(x, x), &from, &to));
    expect_message(context, "hessian_product: ");
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_hessian_spectrum(network, workspace, BATCH(x, x), 0, 0, 0, &spectrum));
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
    for (int n = 1; n <= 4; n++) {
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
    add_case(suite, "products", products_are_differences_of_gradients, batches_of_any_shape,
             the_hessian_is_symmetric, precisions_agree_and_threads_do_not_matter);
    TCase *counted = case_with(suite, begin_counted, end_counted);
    tcase_add_test(counted, a_linear_unit_by_hand);
    tcase_add_test(counted, without_gradients_there_are_no_products);
    tcase_add_test(counted, calls_are_refused_in_a_sentence);
    return run_suite(suite);
}
