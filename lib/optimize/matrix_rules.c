/* Rules for the weights of a network as matrices; all other parameters take Adam's step. */
#include <math.h>

#include "optimize/kfac.h"
#include "optimize/matrices.h"
#include "optimize/optimizer.h"
#include "optimize/rules.h"
#include "optimize/soap.h"

/* Muon ------------------------------------------------------------------------------------------------------ */

static int64_t muon_work(const talus_optimizer *optimizer, const tl_matrix *matrix)
{
    const int64_t side = tl_shorter_side(matrix);
    (void)optimizer;
    return matrix->rows * matrix->cols + 2 * side * side;
}

static const tl_matrix_rule muon = {
    .kernel = TL_UPDATE_MUON,
    .scratch = 1,
    .spares_last = true,
    .work = muon_work,
    .direct = {tl_muon_direct_f32, tl_muon_direct_f64},
};

/* Beside those of Adam. */
static void directed_coefficients(const tl_rule_step *step, double c[TL_COEFFICIENTS])
{
    tl_adam_coefficients(step, c);
    c[TL_MATRIX_DECAY] = step->spec->momentum;
    c[TL_MATRIX_RATE] = step->spec->rate;
}

/* Of numbers of matrices: directions, or the sum of those so far; of all others Adam's. g bounds directions as well as gradients. */
static double directed_reach(const tl_rule_step *step, const double c[TL_COEFFICIENTS], double g)
{
    const double rate = fmax(c[TL_MATRIX_RATE], c[TL_ADAM_RATE]);
    return fmax(tl_adam_reach(step, c, g), rate * g * tl_terms(c[TL_MATRIX_DECAY], step->t));
}

const tl_rule tl_rule_muon = {
    .name = "muon",
    .matrices = &muon,
    .forms = {{TL_UPDATE_ADAM, TL_ADAM_STATES}},
    .rate = 0.001,
    .options = {"momentum", "beta1", "beta2", "epsilon"},
    .standards = {{"momentum", 0.95}},
    .coefficients = directed_coefficients,
    .reach = directed_reach,
    .first = {{TL_ADAM_RATE, "rate·√(1−beta2)/(1−beta1)"}, {TL_ADAM_EPSILON, "epsilon·√(1−beta2)"}},
};

/* SOAP ------------------------------------------------------------------------------------------------------ */

static int64_t soap_kept(const talus_optimizer *optimizer, const tl_matrix *matrix)
{
    return 2 * (tl_blocks_numbers(tl_blocks_of(matrix->rows, optimizer->spec.block)) +
                tl_blocks_numbers(tl_blocks_of(matrix->cols, optimizer->spec.block)));
}

static int64_t soap_work(const talus_optimizer *optimizer, const tl_matrix *matrix)
{
    const tl_blocks rows = tl_blocks_of(matrix->rows, optimizer->spec.block),
                    cols = tl_blocks_of(matrix->cols, optimizer->spec.block);
    const bool f64 = optimizer->precision == TALUS_DTYPE_F64;
    return 3 * matrix->rows * matrix->cols + (f64 ? tl_soap_room_f64(rows) : tl_soap_room_f32(rows)) +
           (f64 ? tl_soap_room_f64(cols) : tl_soap_room_f32(cols));
}

int64_t tl_soap_blocks(const tl_matrix_job *job, const tl_matrix *matrix)
{
    const int64_t most = job->optimizer->spec.block;
    return tl_blocks_of(matrix->rows, most).count + tl_blocks_of(matrix->cols, most).count;
}

static const tl_matrix_rule soap = {
    .kernel = TL_UPDATE_SOAP,
    .scratch = 2,
    .learns_squares = true,
    .kept = soap_kept,
    .work = soap_work,
    .begin = {tl_soap_begin_f32, tl_soap_begin_f64},
    .direct = {tl_soap_direct_f32, tl_soap_direct_f64},
    .learn = {tl_soap_learn_f32, tl_soap_learn_f64},
};

const tl_rule tl_rule_soap = {
    .name = "soap",
    .matrices = &soap,
    .forms = {{TL_UPDATE_ADAM, TL_ADAM_STATES}},
    .rate = 0.003,
    .options = {"beta1", "beta2", "epsilon", "refresh", "block"},
    .standards = {{"beta1", 0.95}, {"beta2", 0.95}},
    .coefficients = tl_adam_coefficients,
    .reach = directed_reach,
    .first = {{TL_ADAM_RATE, "rate·√(1−beta2)/(1−beta1)"}, {TL_ADAM_EPSILON, "epsilon·√(1−beta2)"}},
};

/* K-FAC ----------------------------------------------------------------------------------------------------- */

tl_blocks tl_kfac_side(const talus_optimizer *optimizer, const tl_matrix *matrix, bool of_rows)
{
    return tl_blocks_of(of_rows ? matrix->rows : matrix->cols + matrix->has_biases, optimizer->spec.block);
}

static int64_t side_numbers(const talus_optimizer *optimizer, const tl_matrix *matrix)
{
    return tl_blocks_numbers(tl_kfac_side(optimizer, matrix, false)) +
           tl_blocks_numbers(tl_kfac_side(optimizer, matrix, true));
}

static int64_t kfac_kept(const talus_optimizer *optimizer, const tl_matrix *matrix)
{
    return 2 * side_numbers(optimizer, matrix);
}

static int64_t kfac_work(const talus_optimizer *optimizer, const tl_matrix *matrix)
{
    return 3 * side_numbers(optimizer, matrix) + 4 * matrix->numbers; /* tiles are fewer */
}

int64_t tl_kfac_blocks(const tl_matrix_job *job, const tl_matrix *matrix)
{
    return tl_kfac_side(job->optimizer, matrix, false).count +
           tl_kfac_side(job->optimizer, matrix, true).count;
}

static const tl_matrix_rule kfac = {
    .kernel = TL_UPDATE_KFAC,
    .scratch = 1,
    .takes_biases = true,
    .needs_network = true,
    .kept = kfac_kept,
    .work = kfac_work,
    .direct = {tl_kfac_direct_f32, tl_kfac_direct_f64},
    .learn = {tl_kfac_learn_f32, tl_kfac_learn_f64},
};

bool tl_kfac_learns(const talus_optimizer *optimizer)
{
    return tl_rule_of(optimizer->spec.method)->matrices == &kfac && optimizer->matrices.count > 0 &&
           optimizer->steps % optimizer->spec.refresh == 0;
}

void *tl_kfac_sums(const talus_optimizer *optimizer, const tl_matrix *matrix, bool of_rows)
{
    return (optimizer->precision == TALUS_DTYPE_F64 ? tl_kfac_sums_f64 : tl_kfac_sums_f32)(optimizer, matrix,
                                                                                           of_rows);
}

const tl_rule tl_rule_kfac = {
    .name = "kfac",
    .matrices = &kfac,
    .forms = {{TL_UPDATE_ADAM, TL_ADAM_STATES}},
    .rate = 0.001,
    .options = {"momentum", "beta1", "beta2", "epsilon", "refresh", "block", "damping", "kl_clip"},
    .standards = {{"beta2", 0.95}, {"block", 96}},
    .coefficients = directed_coefficients,
    .reach = directed_reach,
    .first = {{TL_ADAM_RATE, "rate·√(1−beta2)/(1−beta1)"}, {TL_ADAM_EPSILON, "epsilon·√(1−beta2)"}},
};
