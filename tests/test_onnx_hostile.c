/* ONNX files that lie, are broken or hold what no network computes: an error that says so, or a network, never harm. */
#include <stdio.h>
#include <unistd.h>

#include "model/onnx_format.h"
#include "model/protobuf.h"
#include "onnx_support.h"

#define X       "input x\noutput y\n"
#define HEAD    X "tensor B f64 2x1 1 3\n"
#define PRODUCT HEAD "node MatMul x,B z\n"
#define TWO     X "tensor D f64 2x2 1 2 3 4\nnode MatMul x,D z\n"
#define RANGES  TWO "tensor n i64 2 1 1\n"

static const char nowhere[] = "stands where no network has it",
                  unknown[] = "is an operator that is not supported",
                  ends[] = "must be a chain of layers from its input to its output",
                  split[] = "the outputs of a Split must go, each through an activation, into one Concat",
                  sizes[] = "the sizes of a Split must be at least 1 and add up to the 2 outputs",
                  row[] = "must have one number for each unit",
                  weights[] = "must have weights of 2 dimensions", harmless[] = "must change nothing",
                  first[] = "must take the value of the node before it first";

enum { BAD = TALUS_ERROR_FORMAT, NO = TALUS_ERROR_UNSUPPORTED, DATA = TALUS_ERROR_DATA };

static const struct {
    const char *text;
    int status;
    const char *message;
} wrong[] = {
    {HEAD, NO, ends},
    {"output y\ntensor B f64 2x1 1 3\nnode MatMul x,B y", NO, "must have 1 input and 1 output, got 0 and 1"},
    {HEAD "input u\nnode MatMul x,B y", NO, "must have 1 input and 1 output, got 2 and 1"},
    {HEAD "output u\nnode MatMul x,B y", NO, "must have 1 input and 1 output, got 1 and 2"},
    {"set 6\n" HEAD "node MatMul x,B y", NO, "must be of a set of version 7 … 24, got 6"},
    {"set 25\n" HEAD "node MatMul x,B y", NO, "must be of a set of version 7 … 24, got 25"},
    {"set -1\n" HEAD "node MatMul x,B y", NO, "must be of a set of version 7 … 24, got -1"},
    {HEAD "node FusedMatMul x,B y\ndomain com.microsoft", NO,
     "the operator FusedMatMul of the domain \"com.microsoft\" is not supported"},
    {HEAD "node Conv x,B y", NO, unknown},
    {HEAD "node MatMul B,x y", NO, "must multiply the value of the node before it with a constant"},
    {HEAD "node MatMul x,x y", NO, "must multiply the value of the node before it with a constant"},
    {HEAD "node MatMul u,B y", NO, "must multiply the value of the node before it with a constant"},
    {HEAD "node MatMul x,B,B y", NO, "must multiply the value of the node before it with a constant"},
    {HEAD "node MatMul x,B y foo=i1", NO, "MatMul, has the attribute \"foo\", which is not supported"},
    {HEAD "node Gemm x,B y transA=i1", NO, first},
    {HEAD "node Gemm B,x y", NO, first},
    {HEAD "node Gemm x,B,u y", NO, first},
    {HEAD "node Gemm x,u y", NO, "must multiply the value of the node before it with a constant"},
    {HEAD "node Gemm x,B y alpha=i2", NO, "Gemm, has the attribute \"alpha\", which is not supported"},
    {X "tensor B f64 2 1 3\nnode MatMul x,B y", NO, weights},
    {X "tensor B f64 1x2x1 1 3\nnode MatMul x,B y", NO, weights},
    {X "tensor B i64 2x1 1 3\nnode MatMul x,B y", NO, weights},
    {X "tensor B f64 0x2\nnode MatMul x,B y", NO, weights},
    {TWO "tensor E f32 2x1 1 3\nnode MatMul z,E y", NO, weights},
    {TWO "tensor E f64 3x1 1 2 3\nnode MatMul z,E y", BAD,
     "for as many inputs as the layer before it has units"},
    {HEAD "tensor C f32 1 1\nnode Gemm x,B,C y", NO, "must have one number to add for each unit"},
    {HEAD "tensor C f64 2 1 1\nnode Gemm x,B,C y", NO, "must have one number to add for each unit"},
    {X "tensor D f64 2x2 1 2 3 4\ntensor C f64 2x1 1 1\nnode Gemm x,D,C y", NO,
     "must have one number to add"},
    {X "tensor B f64 2x2 1 2 3\n", BAD, "the tensor \"B\" must have 4 elements of 8 bytes, it has 24 bytes"},
    {X "tensor B f32s 2x2 1 2 3\n", BAD, "the tensor \"B\" must have 4 elements of 4 bytes, it has 12 bytes"},
    {X "tensor B f64 3037000500x3037000500 1\n", BAD,
     "the sizes of the tensor \"B\" must be at least 0 and fit"},
    {X "tensor B f64 2305843009213693952x1 1\n", BAD, "the tensor \"B\" must have"},
    {X "tensor B f64 2x-1 1\n", BAD, "the sizes of the tensor \"B\" must be at least 0 and fit"},
    {HEAD "tensor B f64 1 1\n", BAD, "a tensor must have a name of its own, got \"B\""},
    {HEAD "constant B f64 1 1\n", BAD, "a tensor must have a name of its own, got \"B\""},
    {HEAD "node Constant - c value=f1\n", NO, "the Constant \"c\" must have a tensor as its value"},
    {HEAD "node Constant - c value_float=f1\n", NO, "the Constant \"c\" must have a tensor as its value"},
    {PRODUCT "node Relu z a\nnode Tanh a y", NO, nowhere},
    {HEAD "node Relu x y", NO, nowhere},
    {PRODUCT "node Relu u y", NO, nowhere},
    {PRODUCT "node Relu z y beta=f1", NO, nowhere},
    {PRODUCT "node LeakyRelu z y alpha=f0", NO, "must have a parameter above 0"},
    {PRODUCT "node LeakyRelu z y alpha=f-1", NO, "must have a parameter above 0"},
    {PRODUCT "node LeakyRelu z y alpha=fnan", NO, nowhere},
    {X "tensor F f32 1x1 1\nnode MatMul x,F z\nnode LeakyRelu z y alpha=fnan", NO, nowhere},
    {PRODUCT "node LeakyRelu z y alpha=finf", NO, nowhere},
    {PRODUCT "node LeakyRelu z y alpha=i1", NO, nowhere},
    {PRODUCT "node LeakyRelu z y,u", NO, nowhere},
    {PRODUCT "node Selu z y alpha=f2", NO, nowhere},
    {PRODUCT "node Gelu z y approximate=sother", NO, nowhere},
    {PRODUCT "node HardSigmoid z y", NO, nowhere},
    {TWO "node Softmax z y axis=i0", NO, nowhere},
    {PRODUCT "tensor s f64 2 1 2\nnode PRelu z,s y", NO, row},
    {PRODUCT "tensor s f64 - 1\nnode PRelu z,s y", NO, nowhere},
    {PRODUCT "tensor s f32 1 1\nnode PRelu z,s y", NO, nowhere},
    {PRODUCT "tensor a f64 - -1\ntensor b f64 - 2\nnode Clip z,a,b y", NO, nowhere},
    {PRODUCT "node Greater z,u g\nnode Cast g y to=i11", NO, nowhere},
    {PRODUCT "tensor o f64 - 0\nnode Greater z,o g\nnode Cast g y to=i1", NO, nowhere},
    {PRODUCT "tensor o f64 - 0\nnode Greater z,o g\nnode Cast g y", NO, nowhere},
    {PRODUCT "tensor s f64 1 1\nnode LayerNormalization z,s,s y epsilon=f0", NO,
     "must have an epsilon above 0"},
    {PRODUCT "tensor s f64 1 1\nnode LayerNormalization z,s,s y axis=i0", NO, nowhere},
    {PRODUCT "tensor s f64 2 1 2\nnode LayerNormalization z,s,s y", NO, row},
    {PRODUCT "tensor s f64 1 -1\nnode BatchNormalization z,s,s,s,s y", DATA,
     "the variances \"s\" must be at least 0"},
    {PRODUCT "tensor s f64 1 nan\nnode BatchNormalization z,s,s,s,s y", DATA,
     "the numbers of \"s\" must be finite"},
    {PRODUCT "tensor s f64 1 1\nnode BatchNormalization z,s,s,s,s y training_mode=i1", NO, nowhere},
    {X "tensor B f64 2x1 1 nan\nnode MatMul x,B y", DATA, "the numbers of \"B\" must be finite, got nan"},
    {X "tensor B f32 2x1 1 1e30\nnode Gemm x,B y alpha=f1e30", DATA, "the numbers of \"B\" must be finite"},
    {TWO "tensor k f64 1 2\nnode Mul z,k m\nnode MatMul m,D y", NO,
     "must not stand behind scaled or split outputs"},
    {TWO "tensor k f64 1 2\nnode Mul z,k m\nnode Relu m y", NO, nowhere},
    {TWO "tensor k f64 1 2\nnode Softmax z m\nnode Mul m,k y", BAD,
     "scale_targets: the last layer must have"},
    {HEAD "tensor k f64 3 1 2 3\nnode Sub x,k s\nnode MatMul s,B y", BAD,
     "scale_inputs: count must be 1 or 2, got 3"},
    {HEAD "tensor k f64 1 0\nnode Div x,k s\nnode MatMul s,B y", DATA, "scale_inputs: scale[0]"},
    {HEAD "tensor k f64 1 2\nnode Sub k,x s\nnode MatMul s,B y", NO, nowhere},
    {HEAD "tensor k i64 1 2\nnode Add x,k s\nnode MatMul s,B y", NO, nowhere},
    {HEAD "tensor k f32 1 2\nnode Add x,k s\nnode MatMul s,B y", NO, weights},
    {HEAD "tensor k f64 2x1 2 2\nnode Add x,k s\nnode MatMul s,B y", NO, nowhere},
    {PRODUCT "node Add z,z y", NO, nowhere},
    {HEAD "node MatMul x,B y\nnode Relu y u", NO, ends},
    {HEAD "node MatMul x,B y\nnode Relu z u", NO, nowhere},
    {HEAD "node Identity x y", NO, ends},
    {HEAD "node Flatten x f axis=i0\nnode MatMul f,B y", NO, harmless},
    {HEAD "node Cast x f to=i7\nnode MatMul f,B y", NO, harmless},
    {PRODUCT "node Cast z y to=i10", NO, harmless},
    {PRODUCT "node Dropout z,B,B y", NO, harmless},
    {PRODUCT "node Dropout z y is_test=i0", NO,
     "Dropout, has the attribute \"is_test\", which is not supported"},
    {RANGES "node Split z,n a,b axis=i1", NO, split},
    {RANGES "node Split z,n a,b axis=i1\nnode Concat b,a y axis=i1", NO, split},
    {RANGES "node Split z,n a,b axis=i1\nnode Concat a,b,a y axis=i1", NO, split},
    {RANGES "node Split z,n a,b axis=i1\nnode Concat a,b y axis=i0", NO, "must be along axis 1"},
    {RANGES "node Split z,n a,b axis=i1\nnode Relu a u\nnode Concat a,b y axis=i1", NO, split},
    {RANGES "node Split z,n a,b", NO, "must be along axis 1"},
    {RANGES "node Split z,u a,b axis=i1", NO, "must have the sizes of its outputs"},
    {RANGES "node Split z,D a,b axis=i1", NO, "must have the sizes of its outputs"},
    {RANGES "node Split z,n a,b,c axis=i1", NO, "must have the sizes of its outputs"},
    {RANGES "node Split u,n a,b axis=i1", NO, "must have the sizes of its outputs"},
    {TWO "tensor n i64 2 1 2\nnode Split z,n a,b axis=i1\nnode Concat a,b y axis=i1", BAD, sizes},
    {TWO "tensor n i64 2 0 2\nnode Split z,n a,b axis=i1\nnode Concat a,b y axis=i1", BAD, sizes},
    {TWO "tensor n i64 2 9e18 9e18\nnode Split z,n a,b axis=i1\nnode Concat a,b y axis=i1", BAD, sizes},
    {TWO "tensor n i64 1 1\nnode Split z,n a axis=i1\nnode Concat a y axis=i1", BAD, "ranges"},
    {RANGES "tensor s f64 1 1\nnode Split z,n a,b axis=i1\nnode PRelu a,s p\nnode Concat p,b y axis=i1", BAD,
     "prelu"},
    {RANGES "node Split z,n a,b axis=i1\nnode Concat a,b c axis=i1\nnode MatMul c,D y", NO,
     "must not stand behind"},
    {HEAD "node Split x,B a,b axis=i1", NO, unknown},
};
enum { WRONG = sizeof wrong / sizeof *wrong };

static void refuses(const char *bytes, size_t length, int status, const char *message)
{
    talus_network *network = NULL;
    write_bytes(bytes, length);
    book.largest = 0;
    expect_status(context, (talus_status)status, talus_model_import_onnx(context, onnx_path, &network));
    ck_assert_ptr_null(network);
    expect_message(context, message);
    expect_message(context, "model.onnx");
    ck_assert_uint_le(book.largest, length + (1 << 16));
}

START_TEST(what_no_network_computes_is_refused)
{
    onnx_bytes file = onnx_of(wrong[_i].text);
    talus_network *network = NULL;
    write_bytes(file.bytes, file.length);
    expect_status(context, (talus_status)wrong[_i].status,
                  talus_model_import_onnx(context, onnx_path, &network));
    ck_assert_ptr_null(network);
    expect_message(context, wrong[_i].message);
    free_onnx(&file);
}
END_TEST

/* Bytes that are no messages of ONNX. */
static const struct {
    const char *bytes;
    size_t length;
    int status;
    const char *message;
} broken[] = {
#define BYTES(text) text, sizeof text - 1
    {BYTES(""), BAD, "is not an ONNX file: it has no graph"},
    {BYTES("\x1f\x8b\x08\0\0\0\0\0\0\0"), NO, "must not be packed with gzip"},
    {BYTES("PK\x03\x04"), NO, "field 10 of a Model message is not supported"},
    {BYTES("\x08"), BAD, "a Model message does not consist of fields"},
    {BYTES("\x08\x80"), BAD, "a Model message does not consist of fields"},
    {BYTES("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f"), BAD,
     "a Model message does not consist of fields"},
    {BYTES("\x08\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01"), BAD,
     "a Model message does not consist of fields"},
    {BYTES("\x00\x01"), BAD, "a Model message does not consist of fields"},
    {BYTES("\x0b\x0c"), BAD, "a Model message does not consist of fields"},
    {BYTES("\x0e"), BAD, "a Model message does not consist of fields"},
    {BYTES("\x0f"), BAD, "a Model message does not consist of fields"},
    {BYTES("\xff\xff\xff\xff\xff\x01\x00"), BAD, "a Model message does not consist of fields"},
    {BYTES("\x0a\x01\x61"), BAD, "field 1 of a Model message must have wire type 0, got 2"},
    {BYTES("\x08\x01\x08\x01"), BAD, "field 1 of a Model message must come once"},
    {BYTES("\x12\x02\x61"), BAD, "a Model message does not consist of fields"},
    {BYTES("\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), BAD,
     "a Model message does not consist of fields"},
    {BYTES("\x12\x02\xc3\x28"), BAD, "field 2 of a Model message must be text in UTF-8"},
    {BYTES("\xca\x01\x00"), NO, "field 25 of a Model message is not supported"},
    {BYTES("\x3a\x00\x3a\x00"), BAD, "field 7 of a Model message must come once"},
    {BYTES("\x3a\x00"), NO, "must be of a set of version 7 … 24, got 0"},
    {BYTES("\x3a\x03\x0a\x02\x08"), BAD, "a Graph message does not consist of fields"},
    {BYTES("\x3a\x02\x0a\x7f"), BAD, "a Graph message does not consist of fields"},
    {BYTES("\x3a\x03\x7a\x01\x00"), NO, "field 15 of a Graph message is not supported"},
    {BYTES("\x3a\x04\x0a\x02\x08\x01"), BAD, "field 1 of a Node message must have wire type 2, got 0"},
    {BYTES("\x3a\x04\x0a\x02\x2a\x01"), BAD, "a Node message does not consist of fields"},
    {BYTES("\x3a\x06\x0a\x04\x2a\x02\x32\x00"), NO, "field 6 of a Attribute message is not supported"},
    {BYTES("\x3a\x05\x2a\x03\x0a\x01\x80"), BAD, "field 1 of a Tensor message must have wire type 0, got 2"},
    {BYTES("\x3a\x04\x2a\x02\x1a\x00"), NO, "field 3 of a Tensor message is not supported"},
    {BYTES("\x3a\x06\x2a\x04\x4a\x00\x4a\x00"), BAD, "field 9 of a Tensor message must come once"},
    {BYTES("\x3a\x05\x5a\x03\x12\x01\x08"), BAD, "a Type message does not consist of fields"},
    {BYTES("\x42\x02\x10\x0d\x3a\x02\x2a\x00"), BAD, "a tensor must have a name of its own, got \"\""},
    {BYTES("\x42\x02\x10\x0d\x3a\x09\x2a\x07\x10\x01\x42\x01\x61\x70\x01"), NO,
     "the elements of the tensor \"a\" must stand in the file itself"},
    {BYTES("\x42\x02\x10\x0d\x3a\x07\x2a\x05\x10\x01\x42\x01\x61"), NO,
     "the elements of the tensor \"a\" must be packed or raw"},
    {BYTES("\x42\x02\x10\x0d\x3a\x0b\x2a\x09\x10\x01\x42\x01\x61\x22\x00\x4a\x00"), BAD,
     "the elements of the tensor \"a\" must stand in one place"},
};
enum { BROKEN = sizeof broken / sizeof *broken };

START_TEST(what_is_no_onnx_is_refused)
{
    refuses(broken[_i].bytes, broken[_i].length, broken[_i].status, broken[_i].message);
}
END_TEST

/* A line so many times. */
static onnx_bytes repeated(const char *before, const char *line, int count)
{
    const size_t one = strlen(line), begin = strlen(before);
    char *text = malloc(begin + one * (size_t)count + 1);
    memcpy(text, before, begin + 1);
    for (int i = 0; i < count; i++)
        memcpy(text + begin + one * (size_t)i, line, one + 1);
    onnx_bytes file = onnx_of(text);
    free(text);
    return file;
}

START_TEST(there_is_a_most_of_everything)
{
    static const struct {
        const char *before, *line;
        int count;
        const char *message;
    } many[] = {
        {HEAD, "node Relu x x\n", 4097, "there must be at most 4096 nodes, got 4097"},
        {X, "tensor t f32 1 1\n", 4097, "there must be at most 4096 tensors, got 4097"},
        {"input x\noutput x\ntensor E f32 1x1 1\n", "node MatMul x,E x\n", 513,
         "one layer more than are supported"},
    };
    for (size_t i = 0; i < sizeof many / sizeof *many; i++) {
        talus_network *network = NULL;
        onnx_bytes file = repeated(many[i].before, many[i].line, many[i].count);
        write_bytes(file.bytes, file.length);
        book.largest = 0;
        expect_status(context, TALUS_ERROR_UNSUPPORTED,
                      talus_model_import_onnx(context, onnx_path, &network));
        expect_message(context, many[i].message);
        ck_assert_uint_le(book.largest, file.length + (1 << 20));
        free_onnx(&file);
    }
}
END_TEST

START_TEST(files_are_smaller_than_2_gib)
{
    talus_network *network = NULL;
    write_bytes("", 0);
    ck_assert_int_eq(truncate(onnx_path, (off_t)1 << 31), 0);
    book.largest = 0;
    expect_status(context, TALUS_ERROR_UNSUPPORTED, talus_model_import_onnx(context, onnx_path, &network));
    expect_message(context, "must be smaller than 2 GiB, it has 2147483648 bytes");
    ck_assert_uint_eq(book.largest, 0);
}
END_TEST

/* A small file with all that files have. */
static onnx_bytes rich_file(void)
{
    static const talus_output_range ranges[] = {{.outputs = 1, .activation = TALUS_SIGMOID}, {.outputs = 1}};
    talus_layer layers[] = {
        {.width = 2, .activation = TALUS_PRELU, .normalization = TALUS_NORMALIZATION_LAYER}, {.width = 2}};
    talus_network_spec spec = talus_dense_network(1, layers, 2, TALUS_SQUARED_ERROR);
    const double shift = 0.1, scale = 2;
    talus_network *network;
    spec.ranges = ranges, spec.range_count = 2, spec.range_size = sizeof *ranges;
    expect_ok(context, talus_network_create(context, &spec, &network));
    expect_ok(context, talus_network_scale_inputs(network, &shift, &scale, 1));
    expect_ok(context, talus_model_export_onnx(network, onnx_path));
    talus_network_destroy(network);
    return read_onnx();
}

/* An error in one line, or a network that can be used; and no more memory than the file has paid for. */
static bool survives(const onnx_bytes *file)
{
    talus_network *network = NULL;
    write_bytes(file->bytes, file->length);
    book.largest = 0;
    talus_status status = talus_model_import_onnx(context, onnx_path, &network);
    ck_assert((status == TALUS_OK) == (network != NULL));
    ck_assert_uint_le(book.largest, file->length + (1 << 16));
    if (status == TALUS_OK) {
        double x[8] = {0}, y[8];
        ck_assert(talus_network_width(network, 0) <= 8);
        ck_assert(talus_network_width(network, talus_network_layer_count(network)) <= 8);
        predict_rows(network, 1, x, y);
    } else
        ck_assert(strchr(talus_error_message(context), '\n') == NULL &&
                  *talus_error_message(context) != '\0');
    talus_network_destroy(network);
    return status == TALUS_OK;
}

START_TEST(every_truncation_is_an_error)
{
    onnx_bytes file = rich_file();
    ck_assert(survives(&file));
    while (file.length-- > 0)
        ck_assert(!survives(&file));
    free_onnx(&file);
}
END_TEST

START_TEST(every_bit_that_flips_is_survived)
{
    onnx_bytes file = rich_file();
    int refused = 0;
    for (size_t i = 0; i < file.length; i++)
        for (int bit = 0; bit < 8; bit++) {
            file.bytes[i] = (char)(file.bytes[i] ^ 1 << bit);
            refused += !survives(&file);
            file.bytes[i] = (char)(file.bytes[i] ^ 1 << bit);
        }
    ck_assert_int_gt(refused, (int)file.length); /* all but names and numbers */
    free_onnx(&file);
}
END_TEST

START_TEST(every_failing_allocation_is_survived)
{
    onnx_bytes file = rich_file();
    for (int n = 1;; n++) {
        talus_network *network = NULL;
        refuse_from_now(&book, n);
        talus_status status = talus_model_import_onnx(context, onnx_path, &network);
        book.fail_at = 0;
        if (status == TALUS_OK) {
            ck_assert_int_gt(n, 10);
            talus_network_destroy(network);
            break;
        }
        ck_assert_int_eq(status, TALUS_ERROR_MEMORY);
        ck_assert_ptr_null(network);
    }
    free_onnx(&file);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("onnx_hostile");
    TCase *all = case_with(suite, begin_onnx, end_onnx);
    tcase_add_loop_test(all, what_no_network_computes_is_refused, 0, WRONG);
    tcase_add_loop_test(all, what_is_no_onnx_is_refused, 0, BROKEN);
    tcase_add_test(all, there_is_a_most_of_everything);
    tcase_add_test(all, files_are_smaller_than_2_gib);
    tcase_add_test(all, every_truncation_is_an_error);
    tcase_add_test(all, every_bit_that_flips_is_survived);
    tcase_add_test(all, every_failing_allocation_is_survived);
    return run_suite(suite);
}
