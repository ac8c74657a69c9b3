/* FANN: one epoch of its batch training over a batch of samples is a step of gradient descent. It has no ReLU, no
 * softmax and no Adam, and works on one thread. */
#include <floatfann.h>
#include <stdlib.h>
#include <string.h>

#include "serve.h"

static struct fann *net;
static struct fann_train_data *data;
static const peer_case *now;

/* tanh(s·z) with s = 1, and 1/(1 + exp(−2·s·z)) with s = ½. */
static bool choose_activation(const char *name, enum fann_activationfunc_enum *function, float *steepness)
{
    *steepness = !strcmp(name, "sigmoid") ? 0.5f : 1;
    if (!strcmp(name, "tanh"))
        *function = FANN_SIGMOID_SYMMETRIC;
    else if (!strcmp(name, "sigmoid"))
        *function = FANN_SIGMOID;
    else if (!strcmp(name, "identity"))
        *function = FANN_LINEAR;
    else
        return false;
    return true;
}

/* A unit's weights lie in a row of W_l; FANN has its bias behind them. Writes θ to FANN, or reads it. */
static void copy_parameters(float *theta, bool write)
{
    fann_type *weights = net->weights;
    for (int l = 1; l <= now->L; l++) {
        size_t rows = (size_t)now->d[l], cols = (size_t)now->d[l - 1];
        float *biases = theta + rows * cols;
        for (size_t i = 0; i < rows; i++, weights += cols + 1) {
            float *row = theta + i * cols;
            memcpy(write ? weights : row, write ? row : weights, cols * sizeof(float));
            memcpy(write ? weights + cols : biases + i, write ? biases + i : weights + cols, sizeof(float));
        }
        theta = biases + rows;
    }
}

static void load_data(const peer_case *c)
{
    data = fann_create_train((unsigned)c->n, (unsigned)c->d[0], (unsigned)c->d[c->L]);
    peer_must(data != NULL, "FANN: no memory for the batch");
    for (int64_t i = 0; i < c->n; i++) {
        memcpy(data->input[i], c->X + i * c->d[0], (size_t)c->d[0] * sizeof(float));
        memcpy(data->output[i], c->Y + i * c->d[c->L], (size_t)c->d[c->L] * sizeof(float));
    }
}

static bool start(const peer_case *c, char text[PEER_TEXT])
{
    enum fann_activationfunc_enum function;
    unsigned widths[PEER_LAYERS + 1];
    float steepness;
    if (strcmp(c->loss, "squared") || strcmp(c->method, "sgd") || c->threads != 1 ||
        !choose_activation(c->activation, &function, &steepness)) {
        strcpy(text, "it has squared error, gradient descent, identity, sigmoid and tanh, on one thread");
        return false;
    }
    if (net)
        fann_destroy(net);
    if (data)
        fann_destroy_train(data);
    now = c;
    for (int l = 0; l <= c->L; l++)
        widths[l] = (unsigned)c->d[l];
    net = fann_create_standard_array((unsigned)c->L + 1, widths);
    peer_must(net != NULL, "FANN: no memory for the network");
    fann_set_training_algorithm(net, FANN_TRAIN_BATCH);
    fann_set_train_error_function(net, FANN_ERRORFUNC_LINEAR);
    fann_set_learning_rate(net, (float)c->rate);
    fann_set_activation_function_hidden(net, function);
    fann_set_activation_steepness_hidden(net, steepness);
    fann_set_activation_function_output(net, FANN_LINEAR);
    fann_set_activation_steepness_output(net, 1);
    copy_parameters(c->theta, true);
    load_data(c);
    strcpy(text, "batch training");
    return true;
}

static void predict(float *outputs)
{
    size_t width = (size_t)now->d[now->L];
    for (int64_t i = 0; i < now->n; i++)
        memcpy(outputs + (size_t)i * width, fann_run(net, data->input[i]), width * sizeof(float));
}

/* FANN returns the mean over samples and outputs of the squared difference. */
static double step(void)
{
    return 0.5 * (double)now->d[now->L] * (double)fann_train_epoch(net, data);
}

static void parameters(float *theta)
{
    copy_parameters(theta, false);
}

int main(void)
{
    const peer p = {"FANN " PEER_FANN_VERSION, start, predict, step, parameters};
    return peer_serve(&p);
}
