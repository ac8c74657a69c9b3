/* The rows of the rules, and what several of them share. */
#ifndef TL_OPTIMIZE_RULES_H
#define TL_OPTIMIZE_RULES_H

#include "optimize/rule.h"

/* descent_rules.c */
extern const tl_rule tl_rule_gradient_descent, tl_rule_momentum;

/* adam_rules.c */
extern const tl_rule tl_rule_adam, tl_rule_amsgrad, tl_rule_adamw, tl_rule_adamax, tl_rule_nadam,
    tl_rule_radam;

/* root_rules.c: the gradient over the root of its mean square */
extern const tl_rule tl_rule_adagrad, tl_rule_adadelta, tl_rule_rmsprop, tl_rule_adopt;

/* sign_rules.c */
extern const tl_rule tl_rule_lion, tl_rule_irprop_minus, tl_rule_irprop_plus;

/* schedule_free_rule.c */
extern const tl_rule tl_rule_schedule_free;

/* matrix_rules.c */
extern const tl_rule tl_rule_muon, tl_rule_soap, tl_rule_kfac;

/* Those of Adam. */
void tl_adam_coefficients(const tl_rule_step *step, double c[TL_COEFFICIENTS]);
double tl_adam_reach(const tl_rule_step *step, const double c[TL_COEFFICIENTS], double g);

/* 1 − βᵗ */
double tl_correction(double beta, int64_t t);

/* A bound of Σ μᵏ over t terms; where μ may round to 1, t. */
double tl_terms(double decay, int64_t t);

/* The coefficients of Adam without its corrections. */
void tl_moments(const talus_optimizer_spec *spec, double c[TL_COEFFICIENTS]);

/* Where numerators are means of g, and no denominator is below ε. */
double tl_quotient_reach(const tl_rule_step *step, const double c[TL_COEFFICIENTS], double g);

#endif
