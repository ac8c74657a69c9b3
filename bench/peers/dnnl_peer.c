/* oneDNN: inner products forward and backward with its primitives, which choose the layout of weights if that is
 * faster; the loss, f′ and the optimiser in plain loops, as it has none. */
#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dnnl_arrays.h"
#include "dnnl_memory.h"
#include "serve.h"

typedef struct layer {
    dnnl_primitive_t forward, backward, gradient; /* backward: to Δ of the layer below */
    dnnl_primitive_t to_backward, from_gradient;  /* change layouts; NULL: they are the same */
    dnnl_memory_t W, b, out, delta, W_backward, grad_W, grad_W_raw, grad_b;
    float *m[2], *v[2]; /* states of the optimiser for W and b */
} layer;

static const peer_case *now;
static layer layers[PEER_LAYERS + 1]; /* 1 … L; layer 0 holds the inputs */
static dnnl_primitive_t softmax;
static bool blocked; /* layouts of weights are oneDNN's choice */
static int64_t steps;

/* Layers ------------------------------------------------------------------------------------------------- */

/* The activation after the product; false if there is none. */
static bool activation_of(int l, dnnl_alg_kind_t *kind)
{
    bool last = l == now->L;
    const char *name = !last ? now->activation : !strcmp(now->loss, "binary") ? "sigmoid" : "identity";
    *kind = !strcmp(name, "relu")   ? dnnl_eltwise_relu
            : !strcmp(name, "tanh") ? dnnl_eltwise_tanh
                                    : dnnl_eltwise_logistic;
    return strcmp(name, "identity") != 0;
}

static dnnl_primitive_desc_t forward_pd(int l, const dnnl_memory_desc_t *in, const dnnl_memory_desc_t *out)
{
    dnnl_inner_product_desc_t desc;
    dnnl_primitive_attr_t attr;
    dnnl_post_ops_t ops;
    dnnl_alg_kind_t kind;
    dnnl_memory_desc_t W = describe(now->d[l], now->d[l - 1], blocked), b = describe(now->d[l], 0, false);
    must(dnnl_primitive_attr_create(&attr));
    must(dnnl_post_ops_create(&ops));
    if (activation_of(l, &kind))
        must(dnnl_post_ops_append_eltwise(ops, 1, kind, 0, 0));
    must(dnnl_primitive_attr_set_post_ops(attr, ops));
    must(dnnl_inner_product_forward_desc_init(&desc, dnnl_forward_training, in, &W, &b, out));
    dnnl_primitive_desc_t pd = make_pd(&desc, attr, NULL);
    must(dnnl_post_ops_destroy(ops));
    must(dnnl_primitive_attr_destroy(attr));
    return pd;
}

/* A second memory in the layout that a primitive wants, and the reorder to it; the same one if it is equal. */
static dnnl_memory_t in_layout(dnnl_memory_t memory, const dnnl_memory_desc_t *wanted, bool towards,
                               dnnl_primitive_t *change)
{
    *change = NULL;
    if (dnnl_memory_desc_equal(md_of(memory), wanted))
        return memory;
    *change = make_reorder(towards ? md_of(memory) : wanted, towards ? wanted : md_of(memory));
    return make_memory(wanted);
}

static void make_backward(int l, const dnnl_memory_desc_t *in, const dnnl_memory_desc_t *out,
                          dnnl_primitive_desc_t hint)
{
    layer *y = &layers[l];
    dnnl_inner_product_desc_t desc;
    dnnl_memory_desc_t W = describe(now->d[l], now->d[l - 1], blocked), b = describe(now->d[l], 0, false);
    must(dnnl_inner_product_backward_weights_desc_init(&desc, in, &W, &b, out));
    dnnl_primitive_desc_t pd = make_pd(&desc, NULL, hint);
    y->grad_W = make_memory(md_of(y->W));
    y->grad_W_raw = in_layout(y->grad_W, dnnl_primitive_desc_query_md(pd, dnnl_query_diff_weights_md, 0),
                              false, &y->from_gradient);
    y->grad_b = make_memory(&b);
    y->gradient = make_primitive(pd);
    y->W_backward = y->W;
    if (l == 1)
        return;
    must(dnnl_inner_product_backward_data_desc_init(&desc, in, &W, out));
    pd = make_pd(&desc, NULL, hint);
    y->W_backward = in_layout(y->W, dnnl_primitive_desc_query_md(pd, dnnl_query_weights_md, 0), true,
                              &y->to_backward);
    y->backward = make_primitive(pd);
}

static float *make_layer(int l, float *theta)
{
    layer *y = &layers[l];
    dnnl_memory_desc_t in = describe(now->n, now->d[l - 1], false), out = describe(now->n, now->d[l], false);
    dnnl_memory_desc_t b = describe(now->d[l], 0, false);
    dnnl_primitive_desc_t pd = forward_pd(l, &in, &out);
    y->W = make_memory(dnnl_primitive_desc_query_md(pd, dnnl_query_weights_md, 0));
    y->b = make_memory(&b);
    y->out = make_memory(&out);
    y->delta = make_memory(&out);
    make_backward(l, &in, &out, pd);
    y->forward = make_primitive(pd);
    memset(data_of(y->W), 0, (size_t)room_of(y->W) * sizeof(float));
    memset(data_of(y->grad_W), 0, (size_t)room_of(y->W) * sizeof(float));
    exchange(theta, now->d[l], now->d[l - 1], y->W, true);
    theta += now->d[l] * now->d[l - 1];
    exchange(theta, now->d[l], 0, y->b, true);
    for (int i = 0; i < 2; i++) {
        size_t room = (size_t)room_of(i ? y->b : y->W);
        y->m[i] = peer_zeros(room, sizeof(float));
        y->v[i] = peer_zeros(room, sizeof(float));
    }
    return theta + now->d[l];
}

static void make_softmax(void)
{
    dnnl_softmax_desc_t desc;
    dnnl_memory_desc_t out = describe(now->n, now->d[now->L], false);
    must(dnnl_softmax_forward_desc_init(&desc, dnnl_forward_training, &out, 1));
    softmax = make_primitive(make_pd(&desc, NULL, NULL));
}

static void forget_layers(void)
{
    for (int l = 0; l <= PEER_LAYERS; l++) {
        layer *y = &layers[l];
        dnnl_primitive_t *primitives[] = {&y->forward, &y->backward, &y->gradient, &y->to_backward,
                                          &y->from_gradient};
        dnnl_memory_t memories[] = {y->W,
                                    y->b,
                                    y->out,
                                    y->delta,
                                    y->grad_W,
                                    y->grad_b,
                                    y->W_backward == y->W ? NULL : y->W_backward,
                                    y->grad_W_raw == y->grad_W ? NULL : y->grad_W_raw};
        for (size_t i = 0; i < sizeof primitives / sizeof *primitives; i++)
            forget_primitive(primitives[i]);
        for (size_t i = 0; i < sizeof memories / sizeof *memories; i++)
            forget_memory(memories[i]);
        for (int i = 0; i < 2; i++) {
            free(y->m[i]);
            free(y->v[i]);
        }
        *y = (layer){0};
    }
    forget_primitive(&softmax);
}

/* Makes everything for the case, in one kind of layout. */
static void make_net(bool blocked_layouts)
{
    float *theta = now->theta;
    dnnl_memory_desc_t X = describe(now->n, now->d[0], false);
    forget_layers();
    blocked = blocked_layouts;
    steps = 0;
    layers[0].out = make_memory(&X);
    memcpy(data_of(layers[0].out), now->X, (size_t)(now->n * now->d[0]) * sizeof(float));
    for (int l = 1; l <= now->L; l++)
        theta = make_layer(l, theta);
    if (!strcmp(now->loss, "cross"))
        make_softmax();
}

/* The step ----------------------------------------------------------------------------------------------- */

static void forward(void)
{
    for (int l = 1; l <= now->L; l++) {
        const dnnl_exec_arg_t arguments[] = {{DNNL_ARG_SRC, layers[l - 1].out},
                                             {DNNL_ARG_WEIGHTS, layers[l].W},
                                             {DNNL_ARG_BIAS, layers[l].b},
                                             {DNNL_ARG_DST, layers[l].out}};
        must(dnnl_primitive_execute(layers[l].forward, stream, 4, arguments));
    }
    const dnnl_exec_arg_t arguments[] = {{DNNL_ARG_SRC, layers[now->L].out},
                                         {DNNL_ARG_DST, layers[now->L].out}};
    if (softmax)
        must(dnnl_primitive_execute(softmax, stream, 2, arguments));
    must(dnnl_stream_wait(stream));
}

static void gradient(int l)
{
    layer *y = &layers[l];
    const dnnl_exec_arg_t arguments[] = {{DNNL_ARG_SRC, layers[l - 1].out},
                                         {DNNL_ARG_DIFF_DST, y->delta},
                                         {DNNL_ARG_DIFF_WEIGHTS, y->grad_W_raw},
                                         {DNNL_ARG_DIFF_BIAS, y->grad_b}};
    must(dnnl_primitive_execute(y->gradient, stream, 4, arguments));
    if (y->from_gradient)
        reorder(y->from_gradient, y->grad_W_raw, y->grad_W);
}

/* Δ_{l−1} = (Δ_l·W_l) ⊙ f′ */
static void backward(int l)
{
    layer *y = &layers[l];
    if (y->to_backward)
        reorder(y->to_backward, y->W, y->W_backward);
    const dnnl_exec_arg_t arguments[] = {{DNNL_ARG_DIFF_DST, y->delta},
                                         {DNNL_ARG_WEIGHTS, y->W_backward},
                                         {DNNL_ARG_DIFF_SRC, layers[l - 1].delta}};
    must(dnnl_primitive_execute(y->backward, stream, 3, arguments));
    must(dnnl_stream_wait(stream));
    arrays_derive(now->activation, now->n * now->d[l - 1], data_of(layers[l - 1].out),
                  data_of(layers[l - 1].delta));
}

static void update(layer *y)
{
    const arrays_rule rule = {!strcmp(now->method, "adam"),
                              (float)(!strcmp(now->method, "momentum") ? now->momentum : 0),
                              (float)now->beta1,
                              (float)now->beta2,
                              (float)(now->epsilon * sqrt(1 - pow(now->beta2, (double)steps))),
                              (float)(!strcmp(now->method, "adam")
                                          ? now->rate * sqrt(1 - pow(now->beta2, (double)steps)) /
                                                (1 - pow(now->beta1, (double)steps))
                                          : now->rate)};
    arrays_update(&rule, room_of(y->W), data_of(y->W), data_of(y->grad_W), y->m[0], y->v[0]);
    arrays_update(&rule, room_of(y->b), data_of(y->b), data_of(y->grad_b), y->m[1], y->v[1]);
}

static double step(void)
{
    int L = now->L;
    forward();
    double cost = arrays_loss(now, data_of(layers[L].out), data_of(layers[L].delta));
    for (int l = L; l >= 1; l--) {
        gradient(l);
        if (l > 1)
            backward(l);
    }
    must(dnnl_stream_wait(stream));
    steps++;
    for (int l = 1; l <= L; l++)
        update(&layers[l]);
    return cost;
}

/* Requests ----------------------------------------------------------------------------------------------- */

static double time_layouts(bool blocked_layouts)
{
    int64_t count = 0;
    make_net(blocked_layouts);
    step();
    double start = peer_now();
    do {
        step();
        count++;
    } while (peer_now() - start < 0.2);
    return (peer_now() - start) / (double)count;
}

static bool start(const peer_case *c, char text[PEER_TEXT])
{
    static const char *const known[] = {"identity", "relu", "sigmoid", "tanh"};
    bool found = false;
    for (int i = 0; i < 4; i++)
        found = found || !strcmp(c->activation, known[i]);
    if (!found) {
        strcpy(text, "this program has identity, relu, sigmoid and tanh");
        return false;
    }
    now = c;
    omp_set_num_threads(c->threads);
    bool best = c->tune && time_layouts(true) < time_layouts(false);
    make_net(best);
    strcpy(text, best ? "weights in layouts of its choice" : "weights by rows");
    return true;
}

static void predict(float *outputs)
{
    forward();
    memcpy(outputs, data_of(layers[now->L].out), (size_t)(now->n * now->d[now->L]) * sizeof(float));
}

static void parameters(float *theta)
{
    for (int l = 1; l <= now->L; l++) {
        exchange(theta, now->d[l], now->d[l - 1], layers[l].W, false);
        theta += now->d[l] * now->d[l - 1];
        exchange(theta, now->d[l], 0, layers[l].b, false);
        theta += now->d[l];
    }
}

int main(void)
{
    char title[PEER_TEXT];
    const dnnl_version_t *version = dnnl_version();
    snprintf(title, sizeof title, "oneDNN %d.%d.%d", version->major, version->minor, version->patch);
    dnnl_begin();
    const peer p = {title, start, predict, step, parameters};
    return peer_serve(&p);
}
