// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//
// An option of the kernel's configuration that there is not.
#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

extern int CONFIG_NO_SUCH_OPTION __kconfig;

SEC("raw_tracepoint/sys_enter")
int no_kconfig(void* ctx) {
  (void)ctx;
  return CONFIG_NO_SUCH_OPTION;
}
