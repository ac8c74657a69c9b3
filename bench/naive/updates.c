/* The next θ from θ and the gradient, each method as its paper or PyTorch's documentation has it, number by number. */
#include <stdbool.h>
#include <stdlib.h>
#include <tgmath.h>

#include "parts.h"

/* One parameter: where it and its states stand, and its gradient. */
typedef struct place {
    real *theta, *m, *v, *u;
    real g;
} place;

static void gradient_descent(const naive_optimizer *o, place p)
{
    *p.theta -= (real)o->spec.rate * p.g;
}

/* v ← μ·v + (1−τ)·g,   θ ← θ − η·v,   with nesterov  θ ← θ − η·(g + μ·v) */
static void momentum(const naive_optimizer *o, place p)
{
    real eta = (real)o->spec.rate, mu = (real)o->spec.momentum;
    *p.v = mu * *p.v + (real)(1 - o->spec.dampening) * p.g;
    *p.theta -= o->spec.nesterov ? eta * (p.g + mu * *p.v) : eta * *p.v;
}

/* m ← β₁·m + (1−β₁)·g,   v ← β₂·v + (1−β₂)·g² */
static void moments(const naive_optimizer *o, place p)
{
    *p.m = (real)o->spec.beta1 * *p.m + (real)(1 - o->spec.beta1) * p.g;
    *p.v = (real)o->spec.beta2 * *p.v + (real)(1 - o->spec.beta2) * p.g * p.g;
}

/* x/(1−βᵗ) */
static real corrected(real x, double beta, int64_t t)
{
    return x / (real)(1 - pow(beta, (double)t));
}

/* θ ← θ − η·m̂/(√v̂ + ε),   m̂ = m/(1−β₁ᵗ),   v̂ = v/(1−β₂ᵗ) */
static void adam(const naive_optimizer *o, place p)
{
    moments(o, p);
    real m = corrected(*p.m, o->spec.beta1, o->t), v = corrected(*p.v, o->spec.beta2, o->t);
    *p.theta -= (real)o->spec.rate * m / (sqrt(v) + (real)o->spec.epsilon);
}

/* u ← max(u, v) in the place of v */
static void amsgrad(const naive_optimizer *o, place p)
{
    moments(o, p);
    if (*p.v > *p.u)
        *p.u = *p.v;
    real m = corrected(*p.m, o->spec.beta1, o->t), v = corrected(*p.u, o->spec.beta2, o->t);
    *p.theta -= (real)o->spec.rate * m / (sqrt(v) + (real)o->spec.epsilon);
}

/* u ← max(β₂·u, |g| + ε),   θ ← θ − η·m̂/u */
static void adamax(const naive_optimizer *o, place p)
{
    moments(o, p);
    real decayed = (real)o->spec.beta2 * *p.u, now = fabs(p.g) + (real)o->spec.epsilon;
    *p.u = decayed > now ? decayed : now;
    *p.theta -= (real)o->spec.rate * corrected(*p.m, o->spec.beta1, o->t) / *p.u;
}

/* μ_t = β₁·(1 − ½·0.96^(t·ψ)) */
static double nadam_momentum(const naive_optimizer *o, int64_t t)
{
    return o->spec.beta1 * (1 - 0.5 * pow(0.96, (double)t * o->spec.momentum_decay));
}

/* θ ← θ − η·m̂/(√v̂ + ε),   m̂ = μ_{t+1}·m/(1 − Π_{i≤t+1} μ_i) + (1−μ_t)·g/(1 − Π_{i≤t} μ_i) */
static void nadam(const naive_optimizer *o, place p)
{
    double now = nadam_momentum(o, o->t), next = nadam_momentum(o, o->t + 1), product = 1 - o->sum;
    moments(o, p);
    real m = (real)next * *p.m / (real)(1 - product * next) + (real)(1 - now) * p.g / (real)(1 - product);
    *p.theta -= (real)o->spec.rate * m / (sqrt(corrected(*p.v, o->spec.beta2, o->t)) + (real)o->spec.epsilon);
}

/* θ ← θ − η·m̂·r·l where ρ > 5, else θ ← θ − η·m̂;   l = √(1−β₂ᵗ)/(√v + ε) */
static void radam(const naive_optimizer *o, place p)
{
    double power = pow(o->spec.beta2, (double)o->t), most = 2 / (1 - o->spec.beta2) - 1;
    double rho = most - 2 * (double)o->t * power / (1 - power);
    moments(o, p);
    real m = corrected(*p.m, o->spec.beta1, o->t), change = (real)o->spec.rate * m;
    if (rho > 5) {
        double r = sqrt((rho - 4) * (rho - 2) * most / ((most - 4) * (most - 2) * rho));
        change *= (real)r * (real)sqrt(1 - power) / (sqrt(*p.v) + (real)o->spec.epsilon);
    }
    *p.theta -= change;
}

/* v ← v + g²,   θ ← θ − η·g/(√v + ε) */
static void adagrad(const naive_optimizer *o, place p)
{
    *p.v += p.g * p.g;
    *p.theta -= (real)o->spec.rate * p.g / (sqrt(*p.v) + (real)o->spec.epsilon);
}

/* Δ = √(u + ε)/√(v + ε)·g,   u ← β₂·u + (1−β₂)·Δ²,   θ ← θ − η·Δ */
static void adadelta(const naive_optimizer *o, place p)
{
    real rho = (real)o->spec.beta2, rest = (real)(1 - o->spec.beta2), epsilon = (real)o->spec.epsilon;
    *p.v = rho * *p.v + rest * p.g * p.g;
    real change = sqrt(*p.u + epsilon) / sqrt(*p.v + epsilon) * p.g;
    *p.u = rho * *p.u + rest * change * change;
    *p.theta -= (real)o->spec.rate * change;
}

/* v ← β₂·v + (1−β₂)·g²;   centered: u ← β₂·u + (1−β₂)·g, and v − u² in the place of v;   with momentum: m ← μ·m + g/(√v + ε) */
static void rmsprop(const naive_optimizer *o, place p)
{
    real alpha = (real)o->spec.beta2, rest = (real)(1 - o->spec.beta2);
    *p.v = alpha * *p.v + rest * p.g * p.g;
    real spread = *p.v;
    if (o->spec.centered) {
        *p.u = alpha * *p.u + rest * p.g;
        spread -= *p.u * *p.u;
    }
    real change = p.g / (sqrt(spread) + (real)o->spec.epsilon);
    if (o->spec.momentum > 0)
        change = *p.m = (real)o->spec.momentum * *p.m + change;
    *p.theta -= (real)o->spec.rate * change;
}

/* c = β₁·m + (1−β₁)·g,   θ ← θ − η·sign(c),   m ← β₂·m + (1−β₂)·g */
static void lion(const naive_optimizer *o, place p)
{
    real c = (real)o->spec.beta1 * *p.m + (real)(1 - o->spec.beta1) * p.g;
    if (c > 0)
        *p.theta -= (real)o->spec.rate;
    if (c < 0)
        *p.theta += (real)o->spec.rate;
    *p.m = (real)o->spec.beta2 * *p.m + (real)(1 - o->spec.beta2) * p.g;
}

/* v = g² at first; then with c = (t−1)^¼:   m ← β₁·m + (1−β₁)·clip(g/max(√v, ε), c),   θ ← θ − η·m,   v ← β₂·v + (1−β₂)·g² */
static void adopt(const naive_optimizer *o, place p)
{
    if (o->t == 1) {
        *p.v = p.g * p.g;
        return;
    }
    real c = (real)pow((double)(o->t - 1), 0.25), root = sqrt(*p.v);
    real ratio = p.g / (root > (real)o->spec.epsilon ? root : (real)o->spec.epsilon);
    ratio = ratio > c ? c : ratio < -c ? -c : ratio;
    *p.m = (real)o->spec.beta1 * *p.m + (real)(1 - o->spec.beta1) * ratio;
    *p.theta -= (real)o->spec.rate * *p.m;
    *p.v = (real)o->spec.beta2 * *p.v + (real)(1 - o->spec.beta2) * p.g * p.g;
}

/* z is m, x is u and y is θ:   z ← z − γ·g/(√v + ε) − γ·λ·y,   x ← (1−c)·x + c·z,   y = (1−β₁)·z + β₁·x,   γ = η·√(1−β₂ᵗ),
 * c = γ²/Σγ² */
static void schedule_free(const naive_optimizer *o, place p)
{
    double gamma = o->spec.rate * sqrt(1 - pow(o->spec.beta2, (double)o->t)), c = gamma * gamma / o->sum;
    if (o->t == 1)
        *p.m = *p.u = *p.theta;
    *p.v = (real)o->spec.beta2 * *p.v + (real)(1 - o->spec.beta2) * p.g * p.g;
    *p.m -= (real)gamma * p.g / (sqrt(*p.v) + (real)o->spec.epsilon) +
            (real)(gamma * o->spec.weight_decay) * *p.theta;
    *p.u = (real)(1 - c) * *p.u + (real)c * *p.m;
    *p.theta = (real)(1 - o->spec.beta1) * *p.m + (real)o->spec.beta1 * *p.u;
}

static real sign(real x)
{
    return (real)((x > 0) - (x < 0));
}

/* m is the gradient before, u is Δ and v the last change of θ. */
static void irprop(const naive_optimizer *o, place p)
{
    real s = sign(p.g) * sign(*p.m);
    if (o->t == 1)
        *p.u = (real)o->spec.rate;
    if (s > 0)
        *p.u = fmin(*p.u * (real)o->spec.increase, (real)o->spec.most_step);
    if (s < 0) {
        *p.u = fmax(*p.u * (real)o->spec.decrease, (real)o->spec.least_step);
        if (o->spec.method == TALUS_IRPROP_PLUS && o->t > 1 && o->cost > o->before)
            *p.theta -= *p.v;
        p.g = 0;
    }
    *p.v = -sign(p.g) * *p.u;
    *p.theta += *p.v;
    *p.m = p.g;
}

/* Methods for matrices -------------------------------------------------------------------------------------- */

/* C (m × n) = A·B;   Aᵀ (n × m) of A (m × n) */
static void product(int64_t m, int64_t n, int64_t k, const real *A, const real *B, real *C)
{
    for (int64_t i = 0; i < m; i++)
        for (int64_t j = 0; j < n; j++) {
            C[i * n + j] = 0;
            for (int64_t p = 0; p < k; p++)
                C[i * n + j] += A[i * k + p] * B[p * n + j];
        }
}

static void transpose(int64_t m, int64_t n, const real *A, real *T)
{
    for (int64_t i = 0; i < m; i++)
        for (int64_t j = 0; j < n; j++)
            T[j * m + i] = A[i * n + j];
}

/* X ← a·X + (b·S + c·S²)·X with S = X·Xᵀ (m × m); work has room for 2 such and 2 X */
static void newton_schulz(int64_t m, int64_t n, real *X, real *work)
{
    real *S = work, *S2 = S + m * m, *T = S2 + m * m, *PX = T + m * n;
    transpose(m, n, X, T);
    product(m, m, n, X, T, S);
    product(m, m, m, S, S, S2);
    for (int64_t i = 0; i < m * m; i++)
        S2[i] = (real)-4.7750 * S[i] + (real)2.0315 * S2[i];
    product(m, n, m, S2, X, PX);
    for (int64_t i = 0; i < m * n; i++)
        X[i] = (real)3.4445 * X[i] + PX[i];
}

/* m ← μ·m + g,   u = g + μ·m,   θ ← θ − η·0.2·√max(rows, cols)·X,   X of u/‖u‖ */
static void muon(const naive_optimizer *o, const naive_matrix *matrix, real *theta, const real *g)
{
    int64_t m = matrix->rows, n = matrix->cols, longer = m > n ? m : n;
    real *X = malloc((size_t)(m * n) * sizeof *X),
         *work = malloc((size_t)(2 * m * m + 2 * m * n) * sizeof *X);
    real square = 0, mu = (real)o->spec.momentum;
    for (int64_t i = 0; i < m * n; i++) {
        real *v = &o->m[matrix->at + i];
        *v = mu * *v + g[i];
        X[i] = g[i] + mu * *v;
        square += X[i] * X[i];
    }
    for (int64_t i = 0; i < m * n; i++)
        X[i] /= sqrt(square) + (real)1e-7;
    for (int k = 0; k < 5; k++)
        newton_schulz(m, n, X, work);
    for (int64_t i = 0; i < m * n; i++)
        theta[i] -= (real)o->spec.rate * (real)0.2 * (real)sqrt((double)longer) * X[i];
    free(X);
    free(work);
}

/* B_L·X·B_Rᵀ (m × n), or back: B_Lᵀ·X·B_R */
static void rotate(const naive_matrix *matrix, bool back, const real *X, real *to)
{
    int64_t m = matrix->rows, n = matrix->cols, size = m > n ? m * m : n * n;
    real *turned = malloc((size_t)size * sizeof *turned), *half = malloc((size_t)(m * n) * sizeof *half);
    transpose(n, n, matrix->right, turned);
    product(m, n, n, X, back ? matrix->right : turned, half);
    transpose(m, m, matrix->left, turned);
    product(m, n, m, back ? turned : matrix->left, half, to);
    free(turned);
    free(half);
}

/* Adam's step of G′ = B_L·G·B_Rᵀ, with the mean of G */
static void soap(const naive_optimizer *o, const naive_matrix *matrix, real *theta, const real *g)
{
    int64_t count = matrix->rows * matrix->cols;
    real *G = malloc((size_t)count * sizeof *G), *M = malloc((size_t)count * sizeof *M);
    real *m = o->m + matrix->at, *v = o->v + matrix->at;
    for (int64_t i = 0; i < count; i++)
        m[i] = (real)o->spec.beta1 * m[i] + (real)(1 - o->spec.beta1) * g[i];
    rotate(matrix, false, g, G);
    rotate(matrix, false, m, M);
    for (int64_t i = 0; i < count; i++) {
        v[i] = (real)o->spec.beta2 * v[i] + (real)(1 - o->spec.beta2) * G[i] * G[i];
        M[i] = corrected(M[i], o->spec.beta1, o->t) /
               (sqrt(corrected(v[i], o->spec.beta2, o->t)) + (real)o->spec.epsilon);
    }
    rotate(matrix, true, M, G);
    for (int64_t i = 0; i < count; i++)
        theta[i] -= (real)o->spec.rate * G[i];
    free(G);
    free(M);
}

static void (*const matrix_methods[TALUS_METHOD_COUNT])(const naive_optimizer *, const naive_matrix *, real *,
                                                        const real *) = {
    [TALUS_MUON] = muon, [TALUS_SOAP] = soap};

static bool in_matrix(const naive_optimizer *o, int64_t i)
{
    bool found = false;
    for (int k = 0; k < o->matrix_count; k++)
        found |= i >= o->matrices[k].at && i < o->matrices[k].at + o->matrices[k].rows * o->matrices[k].cols;
    return found;
}

/* What is the same for all parameters; o->t is the step. */
static void prepare(naive_optimizer *o)
{
    const talus_optimizer_spec *spec = &o->spec;
    if (spec->method == TALUS_NADAM)
        o->sum = 1 - (1 - o->sum) * nadam_momentum(o, o->t);
    if (spec->method == TALUS_SCHEDULE_FREE)
        o->sum += spec->rate * spec->rate * (1 - pow(spec->beta2, (double)o->t));
}

static void (*const methods[TALUS_METHOD_COUNT])(const naive_optimizer *, place) = {
    [TALUS_GRADIENT_DESCENT] = gradient_descent,
    [TALUS_MOMENTUM] = momentum,
    [TALUS_ADAM] = adam,
    [TALUS_ADAGRAD] = adagrad,
    [TALUS_ADADELTA] = adadelta,
    [TALUS_RMSPROP] = rmsprop,
    [TALUS_AMSGRAD] = amsgrad,
    [TALUS_ADAMW] = adam,
    [TALUS_ADAMAX] = adamax,
    [TALUS_NADAM] = nadam,
    [TALUS_RADAM] = radam,
    [TALUS_LION] = lion,
    [TALUS_ADOPT] = adopt,
    [TALUS_SCHEDULE_FREE] = schedule_free,
    [TALUS_IRPROP_MINUS] = irprop,
    [TALUS_IRPROP_PLUS] = irprop,
    [TALUS_MUON] = adam,
    [TALUS_SOAP] = adam,
    [TALUS_KFAC] = adam,
};

int naive_has(int method)
{
    return methods[method] != NULL && method < TALUS_MUON; /* not those for matrices */
}

void naive_update(naive_optimizer *optimizer, int64_t count, real *theta, const real *gradient)
{
    naive_optimizer *o = optimizer;
    bool decays = o->spec.method != TALUS_SCHEDULE_FREE && !(o->spec.method == TALUS_ADOPT && o->t == 0);
    o->t += 1;
    prepare(o);
    for (int64_t i = 0; i < count; i++) {
        place p = {theta + i, o->m + i, o->v + i, o->u + i, gradient[i]};
        if (decays)
            theta[i] -= (real)(o->spec.rate * o->spec.weight_decay) * theta[i];
        if (!in_matrix(o, i))
            methods[o->spec.method](o, p);
    }
    for (int k = 0; k < o->matrix_count; k++)
        matrix_methods[o->spec.method](o, &o->matrices[k], theta + o->matrices[k].at,
                                       gradient + o->matrices[k].at);
    o->before = o->cost;
}
