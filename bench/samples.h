/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Samples of time: each is that of many calls in a row.
 */

#ifndef HEDDLE_BENCH_SAMPLES_H
#define HEDDLE_BENCH_SAMPLES_H

#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/sort.h>

#define MAX_SAMPLES	100000
#define MAX_CALLS	100000

static inline int compare_samples(const void *one, const void *other)
{
	u64 a = *(const u64 *)one, b = *(const u64 *)other;

	return a < b ? -1 : a > b;
}

/*
 * Of one call, minimum, median and 90th percentile, each behind a space. In
 * tenths of a ns, so that small ones can be compared. Sorts the samples.
 */
static inline int print_samples(char *to, size_t size, u64 *samples, u32 number, u32 calls)
{
	u32 at[] = { 0, number / 2, number - number / 10 - 1 };
	int i, length = 0;

	sort(samples, number, sizeof(*samples), compare_samples, NULL);
	for (i = 0; i < ARRAY_SIZE(at); i++)
		length += scnprintf(to + length, size - length, " %llu",
				    div_u64(samples[at[i]] * 10, calls));
	return length;
}

#endif /* HEDDLE_BENCH_SAMPLES_H */
