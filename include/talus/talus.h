/* Talus: training dense neural networks on CPUs. This header includes all the others.
 *
 * The caller's floating-point mode plays no part in what a call computes: it rounds to nearest, traps nothing, and
 * subnormal numbers (below 1.2e-38 in f32, 2.2e-308 in f64) count as 0, since they are slow, and a network that has learnt
 * its data is full of them. Rounding, traps and raised exceptions (fenv.h) are afterwards what they were.
 *
 * A process may fork at any time: the child can go on with all that its parent has made. The fork waits until no thread is
 * in a product of the BLAS, whose locks and settings the child could not put right. A serial OpenBLAS that is built without
 * locks (its USE_LOCKING) is called by one thread of the process at a time. */
#ifndef TALUS_TALUS_H
#define TALUS_TALUS_H

#include <talus/array.h>
#include <talus/arrow.h>
#include <talus/checkpoint.h>
#include <talus/context.h>
#include <talus/dataset.h>
#include <talus/derivatives.h>
#include <talus/diagnose.h>
#include <talus/enumeration.h>
#include <talus/evaluate.h>
#include <talus/initialize.h>
#include <talus/interchange.h>
#include <talus/least_squares.h>
#include <talus/levenberg_marquardt.h>
#include <talus/matrix.h>
#include <talus/metrics.h>
#include <talus/minimize.h>
#include <talus/model.h>
#include <talus/network.h>
#include <talus/optimizer.h>
#include <talus/option.h>
#include <talus/outcome.h>
#include <talus/plan.h>
#include <talus/projection.h>
#include <talus/scaling.h>
#include <talus/schedule.h>
#include <talus/solve.h>
#include <talus/status.h>
#include <talus/stream.h>
#include <talus/table.h>
#include <talus/train.h>

#endif
