// SPDX-License-Identifier: GPL-2.0
/*
 * Times the choice among the members of two groups of listeners, in turn, so
 * that a large group can be compared with a small one.
 *
 * Written to parameter "heirs": WHAT ONE OTHER CLIENT SAMPLES CALLS. ONE and OTHER
 * are file descriptors of listeners, one of each group, CLIENT is that of a
 * socket that stands for what migrates, with another hash for each call. WHAT is
 * 0 for the choice of an heir, 1 for the choice of a listener for a SYN. Parameter
 * "heirs_result" is then: ns of one call, minimum, median and 90th percentile,
 * of both.
 */

#include <linux/module.h>
#include <linux/net.h>
#include <linux/prandom.h>
#include <linux/vmalloc.h>
#include <net/sock.h>
#include <net/sock_reuseport.h>
#include "samples.h"

static char heirs_result[128];
module_param_string(heirs_result, heirs_result, sizeof(heirs_result), 0444);

enum what { HEIR, LISTENER };

static u64 sample(struct sock *sk, struct sock *client, enum what what, u32 calls,
		  struct rnd_state *dice)
{
	u64 begin = ktime_get_ns();
	u32 i;

	for (i = 0; i < calls; i++) {
		u32 hash = prandom_u32_state(dice);
		struct sock *found;

		if (what == HEIR) {
			client->sk_hash = hash;
			found = reuseport_migrate_sock(sk, client, NULL);
			if (found)
				sock_put(found);
		} else {
			reuseport_select_sock(sk, hash, NULL, 0);
		}
	}
	return ktime_get_ns() - begin;
}

static int measure(struct sock *const sk[2], struct sock *client, enum what what, u32 samples,
		   u32 calls)
{
	u64 *took[2] = {
		vmalloc_array(samples, sizeof(u64)),
		vmalloc_array(samples, sizeof(u64)),
	};
	struct rnd_state dice;
	u32 i, group;
	int length;

	prandom_seed_state(&dice, 1);
	if (took[0] && took[1]) {
		for (i = 0; i < samples; i++) {
			for (group = 0; group < 2; group++) {
				local_bh_disable();
				rcu_read_lock();
				took[group][i] = sample(sk[group], client, what, calls, &dice);
				rcu_read_unlock();
				local_bh_enable();
			}
			cond_resched();
		}
		length = print_samples(heirs_result, sizeof(heirs_result), took[0], samples, calls);
		print_samples(heirs_result + length, sizeof(heirs_result) - length, took[1],
			      samples, calls);
	}
	vfree(took[0]);
	vfree(took[1]);
	return took[0] && took[1] ? 0 : -ENOMEM;
}

static int run(const char *text, const struct kernel_param *param)
{
	struct socket *sock[3] = {};
	u32 what, samples, calls;
	int fd[3], err = 0, i;

	if (sscanf(text, "%u %d %d %d %u %u", &what, &fd[0], &fd[1], &fd[2],
		   &samples, &calls) != 6 || what > LISTENER ||
	    !samples || samples > MAX_SAMPLES || !calls || calls > MAX_CALLS)
		return -EINVAL;
	for (i = 0; i < 3 && !err; i++)
		sock[i] = sockfd_lookup(fd[i], &err);
	if (!err)
		err = measure((struct sock *[]) { sock[0]->sk, sock[1]->sk }, sock[2]->sk, what,
			      samples, calls);
	for (i = 0; i < 3; i++)
		if (sock[i])
			sockfd_put(sock[i]);
	return err;
}

static const struct kernel_param_ops run_ops = { .set = run };
module_param_cb(heirs, &run_ops, NULL, 0200);
