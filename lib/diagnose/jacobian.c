/* The public calls on derivatives by inputs and parameters. */
#include <math.h>
#include <talus/derivatives.h>

#include "base/call.h"
#include "diagnose/derivatives.h"
#include "engine/arguments.h"

/* A call: the arguments that it has, checked. */
typedef struct request {
    const char *name;
    tl_pass pass;
    talus_matrix inputs; /* n × d_0 */
    const char *from_name;
    talus_matrix from; /* v or u; data NULL: there is none */
    talus_matrix to;   /* the result */
} request;

/* Checks ----------------------------------------------------------------------------------------------------- */

static double value_at(const talus_matrix *matrix, int64_t row, int64_t col)
{
    return tl_source_value(&(tl_source){.matrix = *matrix}, row, col);
}

static talus_status check_finite(const request *r, const char *name, const talus_matrix *matrix)
{
    const double most = r->pass.network->precision == TALUS_DTYPE_F32 ? 0x1.fffffep127
                                                                      : 0x1.fffffffffffffp1023;
    for (int64_t i = 0; i < matrix->rows; i++)
        for (int64_t j = 0; j < matrix->cols; j++)
            if (!(fabs(value_at(matrix, i, j)) <= most))
                return tl_fail(
                    r->pass.workspace->context, TALUS_ERROR_DATA,
                    "%s: %s, row %lld, column %lld (counted from 0): the value must be finite in %s, got %g",
                    r->name, name, (long long)i, (long long)j, tl_dtype_name(r->pass.network->precision),
                    value_at(matrix, i, j));
    return TALUS_OK;
}

static size_t bytes_of(const talus_matrix *matrix, int64_t elements)
{
    return (size_t)elements * tl_dtype_size(matrix->dtype);
}

/* Columns of one array may lie between those of the other where rows are equally far apart. */
static bool overlap(const talus_matrix *a, const talus_matrix *b)
{
    const uintptr_t first = (uintptr_t)a->data, second = (uintptr_t)b->data;
    const size_t row = bytes_of(a, a->cols), other_row = bytes_of(b, b->cols), step = bytes_of(a, a->stride);
    if (first >= second + bytes_of(b, (b->rows - 1) * b->stride) + other_row ||
        second >= first + bytes_of(a, (a->rows - 1) * a->stride) + row)
        return false;
    const size_t apart = (second > first ? second - first : first - second) % step,
                 after = second > first || apart == 0 ? apart : step - apart;
    return step != bytes_of(b, b->stride) || after < row || step - after < other_row;
}

static talus_status check_apart(const request *r, const char *name, const talus_matrix *other,
                                const char *result)
{
    if (other->data == NULL || !overlap(other, &r->to))
        return TALUS_OK;
    return tl_fail(r->pass.workspace->context, TALUS_ERROR_ARGUMENT,
                   "%s: %s must not overlap %s, got memory of both", r->name, result, name);
}

/* Takes the network, the workspace and X. */
static talus_status begin(request *r, const char *name, const talus_network *network,
                          talus_workspace *workspace, const talus_matrix *inputs)
{
    *r = (request){.name = name};
    talus_status status = tl_pass_begin(network, workspace, &r->pass);
    if (status == TALUS_OK)
        status = tl_check_slopes(workspace->context, network, name);
    if (status == TALUS_OK)
        status = tl_pass_inputs(&r->pass, inputs);
    r->inputs = r->pass.inputs.matrix;
    return status;
}

/* Takes a v or u of n × cols, or as the parameters if cols is 0. */
static talus_status take_from(request *r, const char *name, const talus_matrix *from, int64_t cols)
{
    r->from_name = name;
    talus_status status = cols == 0 ? tl_check_flat(r->pass.workspace->context, r->pass.network, name, from,
                                                    &r->from)
                                    : tl_pass_matrix(&r->pass, name, from, cols, &r->from);
    return status == TALUS_OK ? check_finite(r, name, &r->from) : status;
}

/* The same for the result, once all else is known. */
static talus_status take_to(request *r, const char *name, const talus_matrix *to, int64_t cols)
{
    talus_status status = cols == 0
                              ? tl_check_flat(r->pass.workspace->context, r->pass.network, name, to, &r->to)
                              : tl_pass_matrix(&r->pass, name, to, cols, &r->to);
    if (status == TALUS_OK)
        status = check_apart(r, "inputs", &r->inputs, name);
    return status == TALUS_OK ? check_apart(r, r->from_name, &r->from, name) : status;
}

/* Batches ---------------------------------------------------------------------------------------------------- */

/* Computes with each batch, of which the first has number 0. */
typedef talus_status batch_work(request *r, const void *what, int64_t first);

static talus_status for_each_batch(request *r, batch_work *work, const void *what)
{
    const int64_t samples = r->inputs.rows, step = r->pass.workspace->plan.max_batch;
    talus_status status = TALUS_OK;
    for (int64_t first = 0; status == TALUS_OK && first < samples; first += step) {
        r->pass.inputs.matrix = tl_matrix_from_row(r->inputs, first);
        r->pass.samples = tl_smaller(step, samples - first);
        r->pass.first_row = first;
        status = work(r, what, first);
    }
    return status;
}

/* Directions through the layers. */
typedef struct directions {
    int carry, seconds;
    int64_t count, unit_step, direction_step;
} directions;

static talus_status carry(request *r, const void *what, int64_t first)
{
    const directions *of = what;
    const bool of_samples = of->carry == TL_CARRY_VECTORS;
    const talus_matrix to = tl_matrix_from_row(r->to, first),
                       v = of_samples ? tl_matrix_from_row(r->from, first) : r->from;
    tl_derivatives d;
    talus_status status = tl_derivatives_begin(&d, &r->pass, of->count, of->seconds, r->name);
    if (status != TALUS_OK)
        return status;
    tl_derivatives_run(&(tl_derivative_job){.derivatives = &d,
                                            .carry = of->carry,
                                            .v = &v,
                                            .parameters = r->from.data,
                                            .to = &to,
                                            .unit_step = of->unit_step,
                                            .direction_step = of->direction_step});
    tl_derivatives_end(&d);
    return TALUS_OK;
}

static talus_status run_forward(request *r)
{
    r->pass.work = TL_FORWARD | TL_KEEP;
    r->pass.workspace->kept = 0;
    return tl_pass_run(&r->pass, NULL);
}

static talus_status pull_to_inputs(request *r, const void *what, int64_t first)
{
    (void)what;
    talus_status status = run_forward(r);
    if (status != TALUS_OK)
        return status;
    r->pass.work = TL_OUTPUT_GRADIENT | TL_BACKWARD | TL_INPUT_GRADIENT;
    r->pass.targets.matrix = tl_matrix_from_row(r->from, first);
    r->pass.input_gradient = tl_matrix_from_row(r->to, first);
    return tl_pass_run(&r->pass, NULL);
}

static talus_status pull_to_parameters(request *r, const void *what, int64_t first)
{
    (void)what;
    const talus_matrix u = tl_matrix_from_row(r->from, first);
    talus_status status = run_forward(r);
    return status == TALUS_OK ? tl_parameter_product_transposed(&r->pass, &u, first > 0, r->to.data) : status;
}

/* By inputs -------------------------------------------------------------------------------------------------- */

/* Whether as many tangents as there are raw inputs take no more multiplications than d_L gradients. The first product of a
 * tangent, with the projection or W_1, takes none. */
static bool forward_is_cheaper(const talus_network *network)
{
    const tl_projection *projection = &network->input_projection;
    double products = (double)projection->features * (double)projection->columns, first = products;
    for (int l = 1; l <= network->layer_count; l++) {
        const double product = (double)network->layers[l].width * (double)network->layers[l].inputs;
        first = first > 0 ? first : product;
        products += product;
    }
    return (double)tl_network_columns(network) * (products - first) <=
           (double)tl_network_outputs(network) * products;
}

static talus_status of_inputs(const char *name, const talus_network *network, talus_workspace *workspace,
                              const talus_matrix *inputs, const talus_matrix *result, int seconds)
{
    request r;
    talus_status status = begin(&r, name, network, workspace, inputs);
    if (status != TALUS_OK)
        return status;
    const int64_t from = tl_network_columns(network), to = tl_network_outputs(network);
    directions d = {TL_CARRY_INPUTS, seconds, from, from, 1};
    if (seconds == TL_SECONDS_SUM)
        d.unit_step = 1;
    if (seconds == TL_SECONDS_NONE && !forward_is_cheaper(network))
        d = (directions){TL_CARRY_OUTPUTS, seconds, to, 1, from};
    status = take_to(&r, name, result, seconds == TL_SECONDS_SUM ? to : to * from);
    return status == TALUS_OK ? for_each_batch(&r, carry, &d) : status;
}

static talus_status call_of_inputs(const char *name, const talus_network *network, talus_workspace *workspace,
                                   const talus_matrix *inputs, const talus_matrix *result, int seconds)
{
    tl_call call;
    talus_status status = tl_call_begin(&call, workspace == NULL ? NULL : workspace->context);
    return status == TALUS_OK
               ? tl_call_end(&call, of_inputs(name, network, workspace, inputs, result, seconds))
               : status;
}

talus_status talus_jacobian(const talus_network *network, talus_workspace *workspace,
                            const talus_matrix *inputs, const talus_matrix *jacobian)
{
    return call_of_inputs("jacobian", network, workspace, inputs, jacobian, TL_SECONDS_NONE);
}

talus_status talus_second_derivatives(const talus_network *network, talus_workspace *workspace,
                                      const talus_matrix *inputs, const talus_matrix *second)
{
    return call_of_inputs("second_derivatives", network, workspace, inputs, second, TL_SECONDS_EACH);
}

talus_status talus_laplacian(const talus_network *network, talus_workspace *workspace,
                             const talus_matrix *inputs, const talus_matrix *laplacian)
{
    return call_of_inputs("laplacian", network, workspace, inputs, laplacian, TL_SECONDS_SUM);
}

/* Products --------------------------------------------------------------------------------------------------- */

/* A row a call: its name; whether it is Jᵀ·u, and by parameters. */
typedef struct product_kind {
    const char *name;
    bool transposed, by_parameters;
} product_kind;

static const product_kind by_inputs = {"jacobian_product", false, false},
                          to_inputs = {"jacobian_transposed_product", true, false},
                          by_parameters = {"parameter_jacobian_product", false, true},
                          to_parameters = {"parameter_jacobian_transposed_product", true, true};

static talus_status multiply(const product_kind *kind, const talus_network *network,
                             talus_workspace *workspace, const talus_matrix *inputs, const talus_matrix *from,
                             const talus_matrix *product)
{
    request r;
    talus_status status = begin(&r, kind->name, network, workspace, inputs);
    if (status != TALUS_OK)
        return status;
    const int64_t outputs = tl_network_outputs(network),
                  points = kind->by_parameters ? 0 : tl_network_columns(network);
    status = take_from(&r, kind->transposed ? "u" : "v", from, kind->transposed ? outputs : points);
    if (status == TALUS_OK)
        status = take_to(&r, "product", product, kind->transposed ? points : outputs);
    if (status != TALUS_OK)
        return status;
    if (kind->transposed)
        return for_each_batch(&r, kind->by_parameters ? pull_to_parameters : pull_to_inputs, NULL);
    return for_each_batch(&r, carry,
                          &(directions){kind->by_parameters ? TL_CARRY_PARAMETERS : TL_CARRY_VECTORS,
                                        TL_SECONDS_NONE, 1, 1, 0});
}

static talus_status call_product(const product_kind *kind, const talus_network *network,
                                 talus_workspace *workspace, const talus_matrix *inputs,
                                 const talus_matrix *from, const talus_matrix *product)
{
    tl_call call;
    talus_status status = tl_call_begin(&call, workspace == NULL ? NULL : workspace->context);
    return status == TALUS_OK ? tl_call_end(&call, multiply(kind, network, workspace, inputs, from, product))
                              : status;
}

talus_status talus_jacobian_product(const talus_network *network, talus_workspace *workspace,
                                    const talus_matrix *inputs, const talus_matrix *v,
                                    const talus_matrix *product)
{
    return call_product(&by_inputs, network, workspace, inputs, v, product);
}

talus_status talus_jacobian_transposed_product(const talus_network *network, talus_workspace *workspace,
                                               const talus_matrix *inputs, const talus_matrix *u,
                                               const talus_matrix *product)
{
    return call_product(&to_inputs, network, workspace, inputs, u, product);
}

talus_status talus_parameter_jacobian_product(const talus_network *network, talus_workspace *workspace,
                                              const talus_matrix *inputs, const talus_matrix *v,
                                              const talus_matrix *product)
{
    return call_product(&by_parameters, network, workspace, inputs, v, product);
}

talus_status talus_parameter_jacobian_transposed_product(const talus_network *network,
                                                         talus_workspace *workspace,
                                                         const talus_matrix *inputs, const talus_matrix *u,
                                                         const talus_matrix *product)
{
    return call_product(&to_parameters, network, workspace, inputs, u, product);
}
