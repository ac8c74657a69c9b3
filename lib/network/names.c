#include <talus/network.h>

static const char *const activation_names[TALUS_ACTIVATION_COUNT] = {
    [TALUS_IDENTITY] = "identity", [TALUS_RELU] = "relu",       [TALUS_LEAKY_RELU] = "leaky_relu",
    [TALUS_ELU] = "elu",           [TALUS_SIGMOID] = "sigmoid", [TALUS_TANH] = "tanh",
    [TALUS_SOFTPLUS] = "softplus", [TALUS_SOFTMAX] = "softmax",
};

static const char *const loss_names[TALUS_LOSS_COUNT] = {
    [TALUS_SQUARED_ERROR] = "squared_error",
    [TALUS_BINARY_CROSS_ENTROPY] = "binary_cross_entropy",
    [TALUS_CROSS_ENTROPY] = "cross_entropy",
};

const char *talus_activation_name(int activation)
{
    return activation >= 0 && activation < TALUS_ACTIVATION_COUNT ? activation_names[activation] : "unknown";
}

const char *talus_loss_name(int loss)
{
    return loss >= 0 && loss < TALUS_LOSS_COUNT ? loss_names[loss] : "unknown";
}
