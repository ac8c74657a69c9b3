/* Enumerations by name, and networks that say what they were made of. */
#include "option_support.h"

START_TEST(enumerations_have_names)
{
    for (int enumeration = 0; enumeration <= TALUS_ENUMERATION_PRODUCTS; enumeration++) {
        int count = talus_enumeration_count(enumeration);
        ck_assert_int_gt(count, 1);
        for (int index = 0; index < count; index++) {
            int value = talus_enumeration_value_at(enumeration, index);
            const char *name = talus_enumeration_name(enumeration, value);
            ck_assert_int_eq(value, index); /* so far, none has been retired */
            ck_assert_str_ne(name, "unknown");
            ck_assert_int_eq(talus_enumeration_value(enumeration, name), value);
        }
        ck_assert_int_eq(talus_enumeration_value_at(enumeration, count), -1);
        ck_assert_int_eq(talus_enumeration_value_at(enumeration, -1), -1);
        ck_assert_str_eq(talus_enumeration_name(enumeration, -1), "unknown");
        ck_assert_str_eq(talus_enumeration_name(enumeration, count), "unknown");
        ck_assert_int_eq(talus_enumeration_value(enumeration, "unknown"), -1);
        ck_assert_int_eq(talus_enumeration_value(enumeration, NULL), -1);
    }
    ck_assert_int_eq(talus_enumeration_count(-1), 0);
    ck_assert_int_eq(talus_enumeration_count(99), 0);
    ck_assert_str_eq(talus_enumeration_name(99, 0), "unknown");
    ck_assert_str_eq(talus_activation_name(TALUS_LEAKY_RELU), "leaky_relu");
    ck_assert_int_eq(talus_loss_value("cross_entropy"), TALUS_CROSS_ENTROPY);
    ck_assert_int_eq(talus_initializer_value("glorot_normal"), TALUS_INIT_GLOROT_NORMAL);
    ck_assert_str_eq(talus_method_name(TALUS_GRADIENT_DESCENT), "gradient_descent");
    ck_assert_int_eq(talus_dtype_value("i32"), TALUS_DTYPE_I32);
    ck_assert_str_eq(talus_instruction_set_name(TALUS_INSTRUCTION_SET_AVX512), "avx512");
    ck_assert_int_eq(talus_outcome_value("diverged"), TALUS_OUTCOME_DIVERGED);
    ck_assert_int_eq(talus_outcome_value("limit"), TALUS_OUTCOME_LIMIT);
    ck_assert_str_eq(talus_schedule_kind_name(TALUS_SCHEDULE_ONE_CYCLE), "one_cycle");
    ck_assert_int_eq(talus_schedule_kind_value("cosine"), TALUS_SCHEDULE_COSINE);
    ck_assert_str_eq(talus_unit_name(TALUS_UNIT_STEPS), "steps");
    ck_assert_int_eq(talus_unit_value("epochs"), TALUS_UNIT_EPOCHS);
    ck_assert_int_eq(talus_scaling_value("range"), TALUS_SCALING_RANGE);
    ck_assert_str_eq(talus_part_name(TALUS_PART_BIASES), "biases");
    ck_assert_int_eq(talus_operand_value("deltas"), TALUS_OPERAND_DELTAS);
    ck_assert_int_eq(talus_verdict_value("vanishing"), TALUS_VERDICT_VANISHING);
    ck_assert_int_eq(talus_normalization_value("layer"), TALUS_NORMALIZATION_LAYER);
    ck_assert_str_eq(talus_normalization_name(TALUS_NORMALIZATION_NONE), "none");
    ck_assert_int_eq(talus_nature_value("saddle"), TALUS_NATURE_SADDLE);
    ck_assert_int_eq(talus_enumeration_value(TALUS_ENUMERATION_SEPARATOR, "tab"), TALUS_SEPARATOR_TAB);
    ck_assert_int_eq(talus_enumeration_value(TALUS_ENUMERATION_MISSING, "drop"), TALUS_MISSING_DROP);
    ck_assert_int_eq(talus_damping_value("identity"), TALUS_DAMPING_IDENTITY);
    ck_assert_int_eq(talus_damping_value("current"), TALUS_DAMPING_CURRENT);
    ck_assert_str_eq(talus_damping_name(TALUS_DAMPING_DIAGONAL), "diagonal");
    ck_assert_int_eq(talus_differences_value("forward"), TALUS_DIFFERENCES_FORWARD);
    ck_assert_str_eq(talus_differences_name(TALUS_DIFFERENCES_CENTRAL), "central");
    ck_assert_int_eq(talus_step_method_value("factored"), TALUS_STEP_FACTORED);
    ck_assert_str_eq(talus_step_method_name(TALUS_STEP_AUTO), "auto");
    ck_assert_int_eq(talus_projection_kind_value("zca_whitening"), TALUS_PROJECTION_ZCA_WHITENING);
    ck_assert_str_eq(talus_projection_kind_name(TALUS_PROJECTION_PCA), "pca");
    ck_assert_str_eq(talus_enumeration_name(TALUS_ENUMERATION_STATUS, TALUS_ERROR_SHAPE),
                     "TALUS_ERROR_SHAPE");
}
END_TEST

START_TEST(a_network_can_be_made_again_from_what_it_says)
{
    talus_layer layers[] = {talus_dense(4, TALUS_LEAKY_RELU), talus_dense(1, TALUS_SIGMOID)}, again[2];
    layers[0].alpha = 0.25, layers[0].initializer = TALUS_INIT_LECUN_NORMAL;
    talus_network_spec spec = talus_dense_network(3, layers, 2, TALUS_BINARY_CROSS_ENTROPY);
    spec.precision = TALUS_DTYPE_F64, spec.seed = INT64_MIN;
    talus_network *first, *second;
    expect_ok(context, talus_network_create(context, &spec, &first));
    ck_assert_int_eq(talus_network_seed(first), INT64_MIN);
    ck_assert_double_eq(talus_network_alpha(first, 1), 0.25);
    ck_assert_int_eq(talus_network_initializer(first, 2), TALUS_INIT_GLOROT_UNIFORM); /* never AUTO */
    expect_ok(context, talus_network_initialize(first, -3));
    talus_network_defaults(&spec);
    spec.inputs = talus_network_width(first, 0), spec.layers = again;
    spec.layer_count = talus_network_layer_count(first), spec.loss = talus_network_loss(first);
    spec.loss_parameter = talus_network_loss_parameter(first), spec.seed = talus_network_seed(first);
    spec.precision = talus_network_precision(first);
    for (int l = 1; l <= 2; l++) {
        again[l - 1] = talus_dense(talus_network_width(first, l), talus_network_activation(first, l));
        again[l - 1].alpha = talus_network_alpha(first, l);
        again[l - 1].initializer = talus_network_initializer(first, l);
    }
    expect_ok(context, talus_network_create(context, &spec, &second));
    talus_matrix p, q;
    expect_ok(context, talus_network_parameters(first, &p));
    expect_ok(context, talus_network_parameters(second, &q));
    ck_assert_int_eq(p.cols, q.cols);
    ck_assert_int_eq(memcmp(p.data, q.data, (size_t)p.cols * sizeof(double)), 0);
    talus_network_destroy(first);
    talus_network_destroy(second);
}
END_TEST

START_TEST(getters_say_that_there_is_nothing)
{
    ck_assert_int_eq(talus_network_activation(NULL, 1), -1);
    ck_assert_int_eq(talus_network_activation(network, 0), -1);
    ck_assert_int_eq(talus_network_activation(network, 2), -1);
    ck_assert_int_eq(talus_network_initializer(NULL, 1), -1);
    ck_assert_int_eq(talus_network_initializer(network, 9), -1);
    ck_assert_int_eq(talus_network_loss(NULL), -1);
    ck_assert_int_eq(talus_network_precision(NULL), -1);
    ck_assert_int_eq(talus_context_instruction_set(NULL), -1);
    ck_assert_int_ge(talus_context_instruction_set(context), TALUS_INSTRUCTION_SET_BASELINE);
    ck_assert_double_eq(talus_network_alpha(NULL, 1), 0);
    ck_assert_double_eq(talus_network_loss_parameter(NULL), 0);
    ck_assert_int_eq(talus_network_seed(NULL), 0);
    talus_context_options_defaults(NULL);
    talus_network_defaults(NULL);
    talus_layer_defaults(NULL);
    talus_fit_options_defaults(NULL);
    talus_schedule_defaults(NULL, TALUS_SCHEDULE_STEP);
    talus_plateau_defaults(NULL);
    talus_report_options_defaults(NULL);
    talus_table_options_defaults(NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("enumerations");
    TCase *tests = case_with(suite, setup, teardown);
    tcase_add_test(tests, enumerations_have_names);
    tcase_add_test(tests, a_network_can_be_made_again_from_what_it_says);
    tcase_add_test(tests, getters_say_that_there_is_nothing);
    return run_suite(suite);
}
