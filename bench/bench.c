// SPDX-License-Identifier: GPL-2.0
/*
 * Times the decisions of a scheduler and of the kernel's own in turn, on a
 * connection that exists. For the lab only: it takes a connection apart from
 * the world while it works, and can make a subflow look full that is not.
 *
 * Written to parameter "run": TOKEN SCHEDULER SAMPLES CALLS FULL. Each sample is
 * the mean of CALLS decisions in a row; with FULL the first subflow has no room.
 * Parameter "result" is then: ns of one decision, minimum, median and 90th
 * percentile, of the scheduler and of the kernel's own.
 */

#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/nsproxy.h>
#include <linux/vmalloc.h>
#include "protocol.h"
#include "samples.h"

static char result[256];
module_param_string(result, result, sizeof(result), 0444);

static int default_send(struct mptcp_sock *msk)
{
	struct sock *ssk = mptcp_subflow_get_send(msk);

	if (!ssk)
		return -EINVAL;
	mptcp_subflow_set_scheduled(mptcp_subflow_ctx(ssk), true);
	return 0;
}

static int nobody(struct mptcp_sock *msk)
{
	return -EINVAL;
}

/* What the core does behind each decision is taken off by timing it with nobody. */
static u64 sample(struct mptcp_sock *msk, int (*decide)(struct mptcp_sock *msk), u32 calls)
{
	struct mptcp_subflow_context *subflow;
	u64 begin = ktime_get_ns();
	u32 i;

	for (i = 0; i < calls; i++) {
		decide(msk);
		mptcp_for_each_subflow(msk, subflow)
			if (READ_ONCE(subflow->scheduled))
				mptcp_subflow_set_scheduled(subflow, false);
	}
	return ktime_get_ns() - begin;
}

static void measure(struct mptcp_sock *msk, u64 *ours, u64 *theirs, u32 samples, u32 calls)
{
	u32 i;

	for (i = 0; i < samples; i++) {
		u64 nothing = sample(msk, nobody, calls);

		ours[i] = sample(msk, msk->sched->get_send, calls);
		theirs[i] = sample(msk, default_send, calls);
		ours[i] -= min(ours[i], nothing);
		theirs[i] -= min(theirs[i], nothing);
	}
}

static int run_on(struct sock *sk, const char *name, u32 samples, u32 calls, bool full)
{
	u64 *ours = vmalloc_array(samples, sizeof(u64));
	u64 *theirs = vmalloc_array(samples, sizeof(u64));
	struct mptcp_sock *msk = mptcp_sk(sk);
	u32 out = 0, number = 0;
	struct mptcp_subflow_context *subflow;
	struct tcp_sock *first = NULL;
	int err = -ENOMEM;

	if (!ours || !theirs)
		goto free;
	err = mptcp_sock_set_scheduler(sk, name);
	if (err)
		goto free;

	lock_sock(sk);
	local_bh_disable();
	mptcp_for_each_subflow(msk, subflow) {
		if (!first)
			first = tcp_sk(mptcp_subflow_tcp_sock(subflow));
		number++;
	}
	if (!first || !msk->sched) {
		err = -ENOTCONN;
		goto unlock;
	}
	if (full) {
		out = first->packets_out;
		first->packets_out = first->snd_cwnd;
	}
	measure(msk, ours, theirs, samples, calls);
	if (full)
		first->packets_out = out;

	out = scnprintf(result, sizeof(result), "%u", number);
	out += print_samples(result + out, sizeof(result) - out, ours, samples, calls);
	print_samples(result + out, sizeof(result) - out, theirs, samples, calls);
unlock:
	local_bh_enable();
	release_sock(sk);
free:
	vfree(theirs);
	vfree(ours);
	return err;
}

static int run(const char *text, const struct kernel_param *param)
{
	char name[MPTCP_SCHED_NAME_MAX];
	u32 token, samples, calls, full;
	struct mptcp_sock *msk;
	int err;

	if (sscanf(text, "%u %15s %u %u %u", &token, name, &samples, &calls, &full) != 5 ||
	    !samples || samples > MAX_SAMPLES || !calls || calls > MAX_CALLS)
		return -EINVAL;
	msk = mptcp_token_get_sock(current->nsproxy->net_ns, token);
	if (!msk)
		return -ENOENT;
	err = run_on((struct sock *)msk, name, samples, calls, full);
	sock_put((struct sock *)msk);
	return err;
}

static const struct kernel_param_ops run_ops = { .set = run };
module_param_cb(run, &run_ops, NULL, 0200);

MODULE_DESCRIPTION("Times decisions of MPTCP schedulers, and of migration");
MODULE_LICENSE("GPL");
