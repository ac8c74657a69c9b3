/* Talus: training dense neural networks on CPUs. This header includes all the others.
 *
 * While a call computes, subnormal numbers (below 1.2e-38 in f32, 2.2e-308 in f64) count as 0: they are slow, and a network
 * that has learnt its data is full of them. The caller's floating-point mode is afterwards what it was. */
#ifndef TALUS_TALUS_H
#define TALUS_TALUS_H

#include <talus/context.h>
#include <talus/dataset.h>
#include <talus/evaluate.h>
#include <talus/matrix.h>
#include <talus/network.h>
#include <talus/optimizer.h>
#include <talus/plan.h>
#include <talus/status.h>
#include <talus/train.h>

#endif
