/* Optimisers: how a gradient changes the parameters.
 *
 * An optimiser sees parameters θ and their gradient g as one flat vector each and knows no network, so it serves a trainer
 * and the caller's own function alike. Step t = 1, 2, … of each method, by element; m, v and all else that has no other
 * value before the first step is 0:
 *
 *     gradient_descent  θ ← θ − η·g
 *     momentum          v ← μ·v + (1−τ)·g,  θ ← θ − η·v                                   Polyak 1964; in PyTorch, τ spares
 *                                                                                         the first step
 *       and nesterov    v ← μ·v + g,  θ ← θ − η·(g + μ·v)                                 Sutskever et al. 2013
 *     adagrad           v ← v + g²,  θ ← θ − η·g/(√v + ε)                                 Duchi et al. 2011
 *     adadelta          v ← β₂·v + (1−β₂)·g²,  Δ = g·√(u + ε)/√(v + ε),
 *                       u ← β₂·u + (1−β₂)·Δ²,  θ ← θ − η·Δ                                Zeiler 2012, arXiv:1212.5701
 *     rmsprop           v ← β₂·v + (1−β₂)·g²,  θ ← θ − η·g/(√v + ε)                       Tieleman and Hinton 2012
 *       and centered    a ← β₂·a + (1−β₂)·g,  √(v − a²) in the place of √v                Graves 2013, arXiv:1308.0850
 *       and momentum    b ← μ·b + g/(√v + ε),  θ ← θ − η·b
 *     adam              m ← β₁·m + (1−β₁)·g,  v ← β₂·v + (1−β₂)·g²,
 *                       m̂ = m/(1−β₁ᵗ),  v̂ = v/(1−β₂ᵗ),  θ ← θ − η·m̂/(√v̂ + ε)              Kingma and Ba 2015, arXiv:1412.6980
 *     adamw             adam, with λ = 0.01 where nothing else is asked for               Loshchilov and Hutter 2019
 *     amsgrad           adam, with w ← max(w, v) and ŵ = w/(1−β₂ᵗ) in the place of v̂     Reddi et al. 2018, PyTorch's form
 *     adamax            m̂ of adam,  u ← max(β₂·u, |g| + ε),  θ ← θ − η·m̂/u                Kingma and Ba 2015, PyTorch's form
 *     nadam             v̂ and m of adam,  μ_t = β₁·(1 − ½·0.96^(t·ψ)),
 *                       m̂ = μ_{t+1}·m/(1 − Π_{i≤t+1} μ_i) + (1−μ_t)·g/(1 − Π_{i≤t} μ_i),
 *                       θ ← θ − η·m̂/(√v̂ + ε)                                              Dozat 2016, PyTorch's form
 *     radam             m̂ and v of adam,  ρ∞ = 2/(1−β₂) − 1,  ρ = ρ∞ − 2·t·β₂ᵗ/(1−β₂ᵗ),
 *                       r = √((ρ−4)·(ρ−2)·ρ∞/((ρ∞−4)·(ρ∞−2)·ρ)); where ρ > 5
 *                       θ ← θ − η·r·m̂·√(1−β₂ᵗ)/(√v + ε),  else θ ← θ − η·m̂                Liu et al. 2020, arXiv:1908.03265
 *     lion              θ ← θ − η·sign(β₁·m + (1−β₁)·g),  then m ← β₂·m + (1−β₂)·g        Chen et al. 2023, arXiv:2302.06675
 *     adopt             step 1 is v ← g² alone; then, with c = (t−1)^¼,
 *                       m ← β₁·m + (1−β₁)·clip(g/max(√v, ε), ±c),  θ ← θ − η·m,
 *                       then v ← β₂·v + (1−β₂)·g²                                         Taniguchi et al. 2024, version 3,
 *                                                                                         arXiv:2411.02853
 *     schedule_free     θ is y = (1−β₁)·z + β₁·x, where z = x = θ at first;
 *                       v ← β₂·v + (1−β₂)·g²,  γ = η·√(1−β₂ᵗ),
 *                       z ← z − γ·g/(√v + ε) − γ·λ·y,  c = γ²/Σγ²,  x ← (1−c)·x + c·z     Defazio et al. 2024, arXiv:2405.15682
 *     irprop_minus      s = g·(the g before),  Δ ← min(η₊·Δ, Δmax) where s > 0,
 *                       max(η₋·Δ, Δmin) where s < 0, and there g ← 0;
 *                       θ ← θ − sign(g)·Δ;  at first Δ = min(η, Δmax)                     Igel and Hüsken 2003
 *     irprop_plus       the same, but where s < 0 the step before is taken back
 *                       if the cost has grown since                                       Igel and Hüsken 2003
 *
 * A method for matrices gives those of its vector directions of their own; all other parameters take the step of adam. In a
 * trainer they are the weights W_l of the layers; of another vector they are named by talus_optimizer_add_matrix:
 *
 *     muon              of all layers but the last: m ← μ·m + g,  u = g + μ·m,
 *                       X = u/(‖u‖ + 10⁻⁷),  5 times X ← a·X + (b·X·Xᵀ + c·(X·Xᵀ)²)·X
 *                       with a, b, c = 3.4445, −4.7750, 2.0315,
 *                       θ ← θ − η·0.2·√max(rows, cols)·X                                  Jordan et al. 2024; Liu et al. 2025,
 *                                                                                         arXiv:2502.16982, for the scale
 *
 *     soap              G is a matrix of the gradient, B_L and B_R are bases, I at first, whose rows are about the eigenvectors of
 *                       the means L ← β₂·L + (1−β₂)·G·Gᵀ and R ← β₂·R + (1−β₂)·Gᵀ·G:
 *                       m ← β₁·m + (1−β₁)·G,  G′ = B_L·G·B_Rᵀ,  v ← β₂·v + (1−β₂)·G′²,
 *                       M′ = B_L·m·B_Rᵀ with m̂, v̂ of adam,  θ ← θ − η·B_Lᵀ·(M̂′/(√v̂ + ε))·B_R;
 *                       after step 1 the eigenvectors themselves become the bases, and after the steps k, 2·k, … the rows of
 *                       B_L·L and B_R·R by Gram and Schmidt                               Vyas et al. 2024, arXiv:2409.11321
 *     kfac              of all layers, in trainers only, with the gradient of the layer as G = (∇W ∇b): in the steps 1, 1 + k,
 *                       1 + 2·k, … the means over the batch of (a 1)ᵀ·(a 1) for what goes into the layer and of δᵀ·δ for
 *                       what comes back are joined to A and S, with the share 1 − ρ, ρ = min(1 − 1/j, β₂) the j-th time;
 *                       π² = (tr A/rows)/(tr S/rows),
 *                       D = (S + √γ/π·I)⁻¹·G·(A + √γ·π·I)⁻¹,  ν = min(1, √(κ/(η²·Σ D·G))), Σ over all layers,
 *                       m ← μ·m + ν·D,  θ ← θ − η·m                                       Martens and Grosse 2015,
 *                                                                                         arXiv:1503.05671; Ba et al. 2017
 *
 * Of a side that is longer than `block`, soap and kfac take L, R, A and S for 0 but in blocks of at most that length on their diagonals
 * (Anil et al. 2020, arXiv:2002.09018, section 5): a step costs a share of what it would cost whole. δ are those of the targets, so that S is
 * that of the empirical Fisher matrix; it falls with the cost, and κ bounds the steps then. With clipping G is what is clipped. What
 * roundings leave without an inverse gets ten times the damping, at most eleven times.
 *
 * Longer blocks need fewer epochs, and their steps cost more. Kfac with its defaults on 20 000 images of Fashion-MNIST, 784-256-128-10 in
 * f32 with batches of 128: the mean training loss of epoch 5 was 0.06 with whole factors, 0.09 with blocks of 256, 0.13 with 128, 0.15 with
 * 96, 0.18 with 64 and 0.23 with 32, against 0.35 of adam; a step took 4.6, 2.6, 2.1, 1.9, 1.8 and 1.8 times as long as adam's.
 *
 * Products of these methods are those of the BLAS: their bits do not depend on threads, but on its library.
 *
 * The scale makes the changes of muon about as large as those of adam, so that one η and one λ do for all parameters.
 *
 * Two methods search along lines θ + α·p, and evaluate cost and gradient at several α a step, until the strong Wolfe
 * conditions hold (Moré and Thuente 1994):
 *
 *     lbfgs               p = −H·g, H made of γ·I and the last m pairs of changes of θ and g
 *                                                                      Nocedal 1980; Liu and Nocedal 1989
 *     conjugate_gradient  p ← −g + β·p, with β ≥ 0 of Polak and Ribière, and Powell's restarts
 *                                                                      Gilbert and Nocedal 1992; Powell 1977
 *
 * They work in talus_minimize (talus/minimize.h) and in trainers, not in talus_optimizer_step. They want the exact
 * gradient of all data, or of large batches, and have no weight decay and no factors.
 *
 * The two irprop take the gradient over all data, and the second needs the cost with it.
 *
 * Weight decay, decoupled from the gradient (Loshchilov and Hutter 2019, arXiv:1711.05101), is open to every update rule
 * but irprop, whose steps have no rate: θ ← (1 − η·λ)·θ before all else; schedule_free has it in z. */
#ifndef TALUS_OPTIMIZER_H
#define TALUS_OPTIMIZER_H

#include <talus/context.h>
#include <talus/matrix.h>

TALUS_BEGIN_C

typedef enum talus_method {
    TALUS_GRADIENT_DESCENT = 0,    /* has a rate only */
    TALUS_MOMENTUM = 1,            /* also has momentum, nesterov, dampening */
    TALUS_ADAM = 2,                /* beta1, beta2, epsilon */
    TALUS_ADAGRAD = 3,             /* epsilon */
    TALUS_ADADELTA = 4,            /* beta2, epsilon */
    TALUS_RMSPROP = 5,             /* beta2, epsilon, momentum, centered */
    TALUS_AMSGRAD = 6,             /* beta1, beta2, epsilon */
    TALUS_ADAMW = 7,               /* beta1, beta2, epsilon */
    TALUS_ADAMAX = 8,              /* beta1, beta2, epsilon */
    TALUS_NADAM = 9,               /* beta1, beta2, epsilon, momentum_decay */
    TALUS_RADAM = 10,              /* beta1, beta2, epsilon */
    TALUS_LION = 11,               /* beta1, beta2 */
    TALUS_ADOPT = 12,              /* beta1, beta2, epsilon */
    TALUS_SCHEDULE_FREE = 13,      /* beta1, beta2, epsilon */
    TALUS_IRPROP_MINUS = 14,       /* increase, decrease, least_step, most_step */
    TALUS_IRPROP_PLUS = 15,        /* the same */
    TALUS_LBFGS = 16,              /* has history only */
    TALUS_CONJUGATE_GRADIENT = 17, /* has no options */
    TALUS_MUON = 18,               /* momentum, beta1, beta2, epsilon */
    TALUS_SOAP = 19,               /* beta1, beta2, epsilon, refresh, block */
    TALUS_KFAC = 20,               /* momentum, beta1, beta2, epsilon, refresh, block, damping, kl_clip */
    TALUS_METHOD_COUNT = 21        /* known to this header */
} talus_method;

/* The name of a method, such as "adam", or "unknown"; and the value that has a name, or −1. */
static inline const char *talus_method_name(int method)
{
    return talus_enumeration_name(TALUS_ENUMERATION_METHOD, method);
}

static inline int talus_method_value(const char *name)
{
    return talus_enumeration_value(TALUS_ENUMERATION_METHOD, name);
}

/* A method has only some of these: the others must be left at their defaults. A shorter struct of a caller gets the defaults
 * of its method for what it lacks. How small and how large rate and epsilon may be, talus_optimizer_create says. */
typedef struct talus_optimizer_spec {
    int method;   /* a talus_method; default TALUS_ADAM */
    int nesterov; /* of momentum: 1 looks ahead; default 0 */
    double
        rate; /* η > 0; default 0.001 for adam, amsgrad, adamw, radam, adopt, muon and kfac, 0.003 for soap, 0.002 for adamax and
                      * nadam, 0.0025 for schedule_free, 0.0001 for lion, 0.01 for momentum, adagrad and rmsprop,
                      * 1 for adadelta, 0.1 for gradient_descent and the first step of irprop; methods that search
                      * along lines have none, and leave it at 0.001 */
    double
        momentum; /* μ of momentum, rmsprop, muon and kfac, 0 ≤ μ < 1; default 0.9, but 0 for rmsprop, 0.95 for muon */
    double beta1;   /* β₁, 0 ≤ β₁ < 1, above 0 for schedule_free; default 0.9 */
    double beta2;   /* β₂, 0 ≤ β₂ < 1; default 0.999, but 0.99 for rmsprop and lion, 0.9 for adadelta,
                      * 0.9999 for adopt */
    double epsilon; /* ε > 0; default 1e-8, but 1e-6 for adadelta and adopt, 1e-10 for adagrad */

    /* Of every update rule but irprop; 0, the default, for none. At most one of the two. */
    double clip_value; /* c ≥ 0: g_i ← max(−c, min(g_i, c)) */
    double clip_norm; /* c ≥ 0: g ← g·min(1, c/‖g‖₂), ‖g‖ of all that is not frozen (Pascanu 2013) */

    int64_t history; /* m of lbfgs, the pairs that it keeps, 1 … 1000; default 10 */

    double weight_decay;   /* λ ≥ 0 of every update rule but irprop; default 0, but 0.01 for adamw */
    double dampening;      /* τ of momentum, 0 ≤ τ < 1, 0 with nesterov; default 0 */
    double momentum_decay; /* ψ ≥ 0 of nadam; default 0.004 */
    int64_t centered;      /* of rmsprop, 0 or 1; default 0 */
    double increase;       /* η₊ > 1 of irprop; default 1.2 */
    double decrease;       /* η₋ of irprop, 0 < η₋ < 1; default 0.5 */
    double least_step;     /* Δmin > 0 of irprop; default 1e-6 */
    double most_step;      /* Δmax ≥ Δmin of irprop; default 50 */
    int64_t refresh;       /* k ≥ 1 of soap and kfac, in steps; default 10 */
    int64_t
        block; /* of soap and kfac, 1 … 32766: no block of a side is longer; default 128, but 96 for kfac */
    double damping; /* γ > 0 of kfac; default 0.001 */
    double kl_clip; /* κ ≥ 0 of kfac; 0 for none; default 0.001 */
} talus_optimizer_spec;

/* Fills a spec with the defaults of a method; an unknown method is kept, with the rate 0, and refused later. size is the
 * caller's sizeof. NULL is allowed. */
TALUS_API void talus_optimizer_defaults_sized(talus_optimizer_spec *spec, size_t size, int method);

static inline void talus_optimizer_defaults(talus_optimizer_spec *spec, int method)
{
    talus_optimizer_defaults_sized(spec, sizeof(talus_optimizer_spec), method);
}

typedef struct talus_optimizer talus_optimizer;

/* Makes an optimiser of vectors of count numbers in a precision (TALUS_DTYPE_F32 or TALUS_DTYPE_F64); its state is 0.
 * η, ε, and λ and thresholds of clipping above 0, must be normal numbers of the precision, and so must be what the first step
 * makes of η and ε by its corrections, such as adam's η·√(1−β₂)/(1−β₁) and ε·√(1−β₂), or they would vanish or overflow:
 * 1.1754944e-38 … 3.4028235e38 in f32, and 2.2250738585072014e-308 … 1.7976931348623157e308 in f64.
 *   size  the caller's sizeof of the spec
 * Returns TALUS_OK; TALUS_ERROR_ARGUMENT (a NULL, a number out of its range, an option that the method does not have
 * and that is not at its default, a size that is too small), TALUS_ERROR_SHAPE (count below 1 or too large),
 * TALUS_ERROR_UNSUPPORTED (the spec asks for what this version does not know), TALUS_ERROR_MEMORY. *optimizer is set on
 * success only. */
TALUS_API talus_status talus_optimizer_create_sized(talus_context *context, const talus_optimizer_spec *spec,
                                                    size_t size, int precision, int64_t count,
                                                    talus_optimizer **optimizer);

static inline talus_status talus_optimizer_create(talus_context *context, const talus_optimizer_spec *spec,
                                                  int precision, int64_t count, talus_optimizer **optimizer)
{
    return talus_optimizer_create_sized(context, spec, sizeof(talus_optimizer_spec), precision, count,
                                        optimizer);
}

/* Frees an optimiser. NULL is allowed. */
TALUS_API void talus_optimizer_destroy(talus_optimizer *optimizer);

/* One step: changes parameters by gradient; both are 1 × count of the optimiser's precision, and do not
 * overlap.
 * TALUS_ERROR_ARGUMENT (a NULL, another dtype, an overlap), TALUS_ERROR_SHAPE (another length), TALUS_ERROR_DATA (a
 * gradient that is not finite; a step that would leave parameters or state infinite), TALUS_ERROR_STATE (irprop_plus
 * without talus_optimizer_set_cost): nothing has changed. TALUS_ERROR_ARGUMENT for methods that search along lines, too. */
TALUS_API talus_status talus_optimizer_step(talus_optimizer *optimizer, const talus_matrix *parameters,
                                            const talus_matrix *gradient);

/* Changes η, or λ, from the next step on. TALUS_ERROR_ARGUMENT if optimizer is NULL, or unless talus_optimizer_create would
 * take the number with the other options. */
TALUS_API talus_status talus_optimizer_set_rate(talus_optimizer *optimizer, double rate);
TALUS_API talus_status talus_optimizer_set_weight_decay(talus_optimizer *optimizer, double weight_decay);

/* η and λ as they are, NaN if optimizer is NULL; and the steps that were made, 0 if it is NULL. */
TALUS_API double talus_optimizer_rate(const talus_optimizer *optimizer);
TALUS_API double talus_optimizer_weight_decay(const talus_optimizer *optimizer);
TALUS_API int64_t talus_optimizer_steps(const talus_optimizer *optimizer);

/* Gives `count` parameters, from number `first` on (counted from 0), factors of their own from the next step on: their rate
 * is rate·η and their weight decay decay·λ. A rate of 0 freezes them: neither they nor their state change, and their
 * gradient is not looked at. All factors are 1 at first. Allocates, as steps do not.
 * TALUS_ERROR_ARGUMENT (NULL, a range beyond the vector, a factor that is not a finite number of at least 0, a method that
 * searches along lines),
 * TALUS_ERROR_MEMORY: nothing has changed. */
TALUS_API talus_status talus_optimizer_set_factors(talus_optimizer *optimizer, int64_t first, int64_t count,
                                                   double rate, double decay);

/* Names rows × cols parameters, by rows from number `first` on (counted from 0), as a matrix of a method for matrices, before
 * the first step. Allocates, as steps do not. In a trainer the weights of the layers are named by themselves.
 * TALUS_ERROR_ARGUMENT (NULL, a range beyond the vector, a matrix that overlaps another, a method that has no matrices),
 * TALUS_ERROR_STATE (a step has been taken), TALUS_ERROR_MEMORY: nothing has changed. */
TALUS_API talus_status talus_optimizer_add_matrix(talus_optimizer *optimizer, int64_t first, int64_t rows,
                                                  int64_t cols);

/* Tells irprop_plus the cost C at the present parameters, before each talus_optimizer_step.
 * TALUS_ERROR_ARGUMENT: NULL, a cost that is not finite, a method that has no use for it. */
TALUS_API talus_status talus_optimizer_set_cost(talus_optimizer *optimizer, double cost);

/* Where to evaluate what is being minimised: of schedule_free, average ← x = y − (1/β₁ − 1)·(z − y), from the parameters y
 * that it takes steps on; of every other method a copy of them. Both are 1 × count of the optimiser's precision. They may
 * be the same vector, if no further steps are to be taken. A fit of a trainer does this by itself (talus/train.h).
 * TALUS_ERROR_ARGUMENT (a NULL, another dtype, an overlap), TALUS_ERROR_SHAPE (another length). */
TALUS_API talus_status talus_optimizer_average(const talus_optimizer *optimizer,
                                               const talus_matrix *parameters, const talus_matrix *average);

TALUS_END_C

#endif
