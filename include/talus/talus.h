/* Talus: training dense neural networks on CPUs. This header includes all the others. */
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
