/* Calls for derivatives: views of all kinds, refusals, and memory that is not there. */
#include "derivative_support.h"
#include "diagnose/derivatives.h"
#include "engine/arguments.h"
#include "fixture.h"

typedef talus_status by_points(const talus_network *network, talus_workspace *workspace,
                               const talus_matrix *inputs, const talus_matrix *result);
typedef talus_status of_vector(const talus_network *network, talus_workspace *workspace,
                               const talus_matrix *inputs, const talus_matrix *from,
                               const talus_matrix *product);

enum { INPUTS = 3, HIDDEN = 4, OUTPUTS = 2, PARAMETERS = 4 * 3 + 4 + 2 * 4 + 2, N = 5 };

static by_points *const calls[] = {talus_jacobian, talus_second_derivatives, talus_laplacian};
static const int64_t columns[] = {OUTPUTS * INPUTS, OUTPUTS *INPUTS, OUTPUTS};
static const char *const names[] = {"jacobian: ", "second_derivatives: ", "laplacian: "};

/* The rows and columns of v or u and of the product; 1 × P is of the network's precision. */
static const struct {
    of_vector *call;
    const char *name, *from;
    int64_t from_rows, from_cols, rows, cols;
} products[] = {
    {talus_jacobian_product, "jacobian_product: ", "v", N, INPUTS, N, OUTPUTS},
    {talus_jacobian_transposed_product, "jacobian_transposed_product: ", "u", N, OUTPUTS, N, INPUTS},
    {talus_parameter_jacobian_product, "parameter_jacobian_product: ", "v", 1, PARAMETERS, N, OUTPUTS},
    {talus_parameter_jacobian_transposed_product, "parameter_jacobian_transposed_product: ", "u", N, OUTPUTS,
     1, PARAMETERS},
};

static double x[N * INPUTS], numbers[64], result[64];
static talus_network *network;
static talus_workspace *workspace;

static void begin(void)
{
    begin_counted();
    number_stream stream = numbers_from(3);
    for (int i = 0; i < N * INPUTS; i++)
        x[i] = next_number(&stream);
    for (int i = 0; i < 64; i++)
        numbers[i] = next_number(&stream);
    network = two_layers(TALUS_DTYPE_F64, INPUTS, HIDDEN, OUTPUTS, TALUS_TANH);
    workspace = workspace_of(network, N);
}

static void end(void)
{
    talus_workspace_destroy(workspace);
    talus_network_destroy(network);
    end_counted();
}

static talus_matrix points(void)
{
    return rows_view(x, N, INPUTS);
}

/* Views ------------------------------------------------------------------------------------------------------- */

/* X of bytes; results in another precision, and in columns between those of v. */
START_TEST(views_of_all_kinds)
{
    static const uint8_t bytes[4] = {0, 3, 1, 2};
    static const double same[4] = {0, 3, 1, 2};
    talus_network *small = two_layers(TALUS_DTYPE_F64, 2, HIDDEN, OUTPUTS, TALUS_TANH);
    talus_workspace *room = workspace_of(small, 1);
    double exact[8], array[2][7] = {{0.5, -1, 9, 9, 9, 9, 9}, {2, 0.25, 9, 9, 9, 9, 9}};
    float single[8];
    talus_matrix of_bytes = talus_matrix_view(bytes, TALUS_DTYPE_U8, 2, 2), in = rows_view(same, 2, 2),
                 wide = rows_view(exact, 2, 4), narrow = talus_matrix_view(single, TALUS_DTYPE_F32, 2, 4);
    expect_ok(context, talus_jacobian(small, room, &in, &wide));
    expect_ok(context, talus_jacobian(small, room, &of_bytes, &narrow));
    for (int i = 0; i < 8; i++)
        ck_assert_float_eq(single[i], (float)exact[i]);
    const double vectors[4] = {0.5, -1, 2, 0.25};
    double product[4];
    talus_matrix v = rows_view(vectors, 2, 2), to = rows_view(product, 2, 2),
                 from = rows_view(array[0], 2, 2), between = rows_view(array[0] + 2, 2, 2);
    from.stride = between.stride = 7;
    expect_ok(context, talus_jacobian_product(small, room, &in, &v, &to));
    expect_ok(context, talus_jacobian_product(small, room, &in, &from, &between));
    ck_assert_double_eq(array[0][2], product[0]);
    ck_assert_double_eq(array[1][3], product[3]);
    ck_assert_double_eq(array[0][4], 9);
    ck_assert_double_eq(array[1][1], 0.25);
    expect_ok(context, talus_jacobian_product(small, room, &in, &between, &from));
    for (int step = -1; step <= 1; step += 2) {
        between.data = array[0] + 2 + step;
        from.data = array[0] + 2;
        expect_status(context, TALUS_ERROR_ARGUMENT,
                      talus_jacobian_product(small, room, &in, &between, &from));
        expect_message(context, "jacobian_product: product must not overlap v");
    }
    talus_workspace_destroy(room);
    talus_network_destroy(small);
}
END_TEST

/* Each batch is the sum of its parts; and by parameters it is what talus_backward gives. */
START_TEST(the_gradient_of_a_batch_is_that_of_forward_and_backward)
{
    talus_workspace *small = workspace_of(network, 2);
    double outputs[N * OUTPUTS], gradient[PARAMETERS], parts[PARAMETERS];
    talus_matrix in = points(), u = rows_view(numbers, N, OUTPUTS), out = rows_view(outputs, N, OUTPUTS),
                 to = rows_view(gradient, 1, PARAMETERS), once = rows_view(result, 1, PARAMETERS),
                 by_parts = rows_view(parts, 1, PARAMETERS);
    expect_ok(context, talus_forward(network, workspace, &in, &out));
    expect_ok(context, talus_backward(network, workspace, &u, &to, NULL));
    expect_ok(context, talus_parameter_jacobian_transposed_product(network, workspace, &in, &u, &once));
    same_bytes(result, gradient, sizeof gradient);
    expect_ok(context, talus_parameter_jacobian_transposed_product(network, small, &in, &u, &by_parts));
    expect_near("parts", parts, gradient, PARAMETERS, 1e-14);
    talus_workspace_destroy(small);
}
END_TEST

/* Products both ways by turns, from one forward pass. */
START_TEST(one_pass_serves_any_number_of_products)
{
    double jv[N * OUTPUTS], jjv[PARAMETERS], expected[N * OUTPUTS], transposed[PARAMETERS];
    talus_matrix in = points(), v = rows_view(numbers, 1, PARAMETERS), to = rows_view(jv, N, OUTPUTS),
                 known = rows_view(expected, N, OUTPUTS), back = rows_view(transposed, 1, PARAMETERS);
    expect_ok(context, talus_parameter_jacobian_product(network, workspace, &in, &v, &known));
    expect_ok(context, talus_parameter_jacobian_transposed_product(network, workspace, &in, &known, &back));
    tl_pass pass;
    tl_derivatives derivatives;
    expect_ok(context, tl_pass_begin(network, workspace, &pass));
    expect_ok(context, tl_pass_inputs(&pass, &in));
    expect_ok(context, tl_derivatives_begin(&derivatives, &pass, 1, TL_SECONDS_NONE, "test"));
    for (int i = 0; i < 3; i++) {
        memset(jv, 0, sizeof jv);
        tl_parameter_product(&derivatives, numbers, &to);
        same_bytes(jv, expected, sizeof jv);
        expect_ok(context, tl_parameter_product_transposed(&pass, &to, false, jjv));
        same_bytes(jjv, transposed, sizeof jjv);
    }
    tl_derivatives_end(&derivatives);
}
END_TEST

/* Refusals ----------------------------------------------------------------------------------------------------- */

START_TEST(points_are_checked)
{
    for (int i = 0; i < 3; i++) {
        talus_matrix in = points(), narrow = rows_view(x, N, INPUTS - 1),
                     to = rows_view(result, N, columns[i]), few = rows_view(result, N - 1, columns[i]),
                     wide = rows_view(result, N, columns[i] + 1),
                     labels = talus_matrix_view(result, TALUS_DTYPE_I32, N, columns[i]),
                     over = rows_view(x, N, columns[i]);
        talus_network *other = two_layers(TALUS_DTYPE_F64, INPUTS, HIDDEN, OUTPUTS, TALUS_TANH);
        ck_assert_int_eq(calls[i](network, NULL, &in, &to), TALUS_ERROR_ARGUMENT);
        expect_status(context, TALUS_ERROR_ARGUMENT, calls[i](NULL, workspace, &in, &to));
        expect_status(context, TALUS_ERROR_ARGUMENT, calls[i](other, workspace, &in, &to));
        expect_status(context, TALUS_ERROR_ARGUMENT, calls[i](network, workspace, NULL, &to));
        expect_message(context, "inputs must not be NULL");
        expect_status(context, TALUS_ERROR_ARGUMENT, calls[i](network, workspace, &in, NULL));
        expect_message(context, "must not be NULL");
        expect_status(context, TALUS_ERROR_SHAPE, calls[i](network, workspace, &narrow, &to));
        expect_status(context, TALUS_ERROR_SHAPE, calls[i](network, workspace, &in, &few));
        expect_status(context, TALUS_ERROR_SHAPE, calls[i](network, workspace, &in, &wide));
        expect_status(context, TALUS_ERROR_ARGUMENT, calls[i](network, workspace, &in, &labels));
        expect_status(context, TALUS_ERROR_ARGUMENT, calls[i](network, workspace, &in, &over));
        expect_message(context, names[i]);
        expect_message(context, "must not overlap inputs");
        x[7] = (double)NAN;
        expect_status(context, TALUS_ERROR_DATA, calls[i](network, workspace, &in, &to));
        expect_message(context, "inputs, row 2, column 1");
        x[7] = 0;
        talus_network_destroy(other);
    }
}
END_TEST

START_TEST(vectors_are_checked)
{
    for (int i = 0; i < 4; i++) {
        talus_matrix in = points(), from = rows_view(numbers, products[i].from_rows, products[i].from_cols),
                     to = rows_view(result, products[i].rows, products[i].cols), narrow = from, few = to,
                     over = rows_view(numbers, products[i].rows, products[i].cols);
        narrow.cols--, few.rows--;
        of_vector *call = products[i].call;
        expect_status(context, TALUS_ERROR_ARGUMENT, call(network, workspace, NULL, &from, &to));
        expect_status(context, TALUS_ERROR_ARGUMENT, call(network, workspace, &in, NULL, &to));
        expect_message(context, products[i].from);
        expect_status(context, TALUS_ERROR_ARGUMENT, call(network, workspace, &in, &from, NULL));
        expect_message(context, "product must not be NULL");
        expect_status(context, TALUS_ERROR_SHAPE, call(network, workspace, &in, &narrow, &to));
        expect_status(context, TALUS_ERROR_SHAPE, call(network, workspace, &in, &from, &few));
        expect_status(context, TALUS_ERROR_ARGUMENT, call(network, workspace, &in, &from, &over));
        expect_message(context, products[i].name);
        expect_message(context, "product must not overlap");
        numbers[3] = -(double)INFINITY;
        expect_status(context, TALUS_ERROR_DATA, call(network, workspace, &in, &from, &to));
        expect_message(context, products[i].name);
        expect_message(context, "the value must be finite in f64, got -inf");
        numbers[3] = 1;
        x[7] = (double)NAN;
        expect_status(context, TALUS_ERROR_DATA, call(network, workspace, &in, &from, &to));
        x[7] = 0;
        expect_ok(context, call(network, workspace, &in, &from, &to));
    }
}
END_TEST

/* What f64 holds and f32 does not. */
START_TEST(vectors_are_within_the_precision)
{
    talus_network *single = two_layers(TALUS_DTYPE_F32, INPUTS, HIDDEN, OUTPUTS, TALUS_TANH);
    talus_workspace *room = workspace_of(single, N);
    talus_matrix in = points(), v = rows_view(numbers, N, INPUTS), to = rows_view(result, N, OUTPUTS);
    numbers[4] = 1e39;
    expect_status(context, TALUS_ERROR_DATA, talus_jacobian_product(single, room, &in, &v, &to));
    expect_message(context,
                   "v, row 1, column 1 (counted from 0): the value must be finite in f32, got 1e+39");
    talus_workspace_destroy(room);
    talus_network_destroy(single);
}
END_TEST

START_TEST(steps_have_no_derivatives)
{
    const talus_layer layers[] = {talus_dense(HIDDEN, TALUS_STEP), talus_dense(OUTPUTS, TALUS_IDENTITY)};
    talus_network_spec spec = talus_dense_network(INPUTS, layers, 2, TALUS_SQUARED_ERROR);
    spec.precision = TALUS_DTYPE_F64;
    talus_network *flat = NULL;
    expect_ok(context, talus_network_create(context, &spec, &flat));
    talus_workspace *room = workspace_of(flat, N);
    talus_matrix in = points(), to = rows_view(result, N, 1);
    for (int i = 0; i < 3; i++) {
        to.cols = to.stride = columns[i];
        expect_status(context, TALUS_ERROR_ARGUMENT, calls[i](flat, room, &in, &to));
        expect_message(context, names[i]);
        expect_message(context, "layer 1 must have an activation through which it can learn, got step");
    }
    for (int i = 0; i < 4; i++) {
        expect_status(context, TALUS_ERROR_ARGUMENT, products[i].call(flat, room, &in, &in, &to));
        expect_message(context, products[i].name);
    }
    talus_workspace_destroy(room);
    talus_network_destroy(flat);
}
END_TEST

/* Memory ------------------------------------------------------------------------------------------------------- */

/* Lets each allocation of a call fail in turn; how many there are. */
static int64_t expect_clean_failures(by_points *call, of_vector *product, const talus_matrix *from,
                                     const talus_matrix *to, const char *name)
{
    const talus_matrix in = points();
    const int64_t alive = book.alive;
    for (int n = 1;; n++) {
        refuse_from_now(&book, n);
        const int64_t calls_before = book.calls;
        const talus_status status = call != NULL ? call(network, workspace, &in, to)
                                                 : product(network, workspace, &in, from, to);
        ck_assert_int_eq(book.alive, alive);
        book.fail_at = 0;
        if (status == TALUS_OK)
            return book.calls - calls_before;
        ck_assert_int_eq(status, TALUS_ERROR_MEMORY);
        expect_message(context, name);
        expect_message(context, "the allocator returned no memory for derivatives of 5 samples");
    }
}

START_TEST(every_allocation_may_fail)
{
    for (int i = 0; i < 3; i++) {
        const talus_matrix to = rows_view(result, N, columns[i]);
        ck_assert_int_ge(expect_clean_failures(calls[i], NULL, NULL, &to, names[i]), 4);
    }
    for (int i = 0; i < 4; i++) {
        const talus_matrix from = rows_view(numbers, products[i].from_rows, products[i].from_cols),
                           to = rows_view(result, products[i].rows, products[i].cols);
        const int64_t taken = expect_clean_failures(NULL, products[i].call, &from, &to, products[i].name);
        ck_assert_int_eq(taken > 0, products[i].from[0] == 'v'); /* back it is the engine's pass */
    }
}
END_TEST

/* After a call there is nothing for talus_backward. */
START_TEST(a_call_leaves_no_forward_pass)
{
    talus_matrix in = points(), out = rows_view(result, N, OUTPUTS), u = rows_view(numbers, N, OUTPUTS),
                 to = rows_view(x, N, INPUTS);
    for (int i = 0; i < 2; i++) {
        talus_matrix gradient = rows_view(numbers + 16, N, INPUTS);
        expect_ok(context, talus_forward(network, workspace, &in, &out));
        if (i == 0)
            expect_ok(context, talus_laplacian(network, workspace, &in, &out));
        else
            expect_ok(context, talus_jacobian_transposed_product(network, workspace, &in, &u, &gradient));
        expect_status(context, TALUS_ERROR_STATE, talus_backward(network, workspace, &u, NULL, &to));
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("derivative_calls");
    TCase *counted = case_with(suite, begin, end);
    tcase_add_test(counted, views_of_all_kinds);
    tcase_add_test(counted, the_gradient_of_a_batch_is_that_of_forward_and_backward);
    tcase_add_test(counted, one_pass_serves_any_number_of_products);
    tcase_add_test(counted, points_are_checked);
    tcase_add_test(counted, vectors_are_checked);
    tcase_add_test(counted, vectors_are_within_the_precision);
    tcase_add_test(counted, steps_have_no_derivatives);
    tcase_add_test(counted, every_allocation_may_fail);
    tcase_add_test(counted, a_call_leaves_no_forward_pass);
    return run_suite(suite);
}
