/* Rules for the weights of a network as matrices; all other parameters take Adam's step. */
#include "optimize/matrices.h"
#include "optimize/rules.h"

static int64_t muon_work(const talus_optimizer_spec *spec, const tl_matrix *matrix)
{
    const int64_t side = tl_matrix_shorter(matrix);
    (void)spec;
    return matrix->rows * matrix->cols + 2 * side * side;
}

const tl_matrix_rule tl_muon = {
    .kernel = TL_UPDATE_MUON,
    .spares_last = true,
    .work = muon_work,
    .direct = {tl_muon_direct_f32, tl_muon_direct_f64},
};

static void muon_coefficients(const tl_rule_step *step, double c[TL_COEFFICIENTS])
{
    tl_adam_coefficients(step, c);
    c[TL_MATRIX_DECAY] = step->spec->momentum;
    c[TL_MATRIX_RATE] = step->spec->rate;
}

const tl_rule tl_rule_muon = {
    .name = "muon",
    .matrices = &tl_muon,
    .forms = {{TL_UPDATE_ADAM, TL_ADAM_STATES}},
    .rate = 0.001,
    .options = {"momentum", "beta1", "beta2", "epsilon"},
    .standards = {{"momentum", 0.95}},
    .coefficients = muon_coefficients,
    .reach = tl_adam_reach,
    .first = {{TL_ADAM_RATE, "rate·√(1−beta2)/(1−beta1)"}, {TL_ADAM_EPSILON, "epsilon·√(1−beta2)"}},
};
