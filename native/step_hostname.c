/*
 * What the host is called in its namespaces, and the device by which it calls itself.
 */
#define _GNU_SOURCE
#include "launch.h"

#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

int step_sethostname(struct launch *l, const struct plan_step *s)
{
	const char *name = text_arg(l, s, ARG_SETHOSTNAME_NAME);

	return name ? (int)check(l, "sethostname", sethostname(name, strlen(name))) : -1;
}

int step_setdomainname(struct launch *l, const struct plan_step *s)
{
	const char *name = text_arg(l, s, ARG_SETDOMAINNAME_NAME);

	return name ? (int)check(l, "setdomainname", setdomainname(name, strlen(name))) : -1;
}

int step_loopback_up(struct launch *l, const struct plan_step *s)
{
	struct ifreq request = { .ifr_name = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int result = -1;

	(void)s;
	if (check(l, "socket", fd) < 0)
		return -1;
	if (check(l, "ioctl(SIOCGIFFLAGS)", ioctl(fd, SIOCGIFFLAGS, &request)) == 0) {
		request.ifr_flags |= IFF_UP;
		result = (int)check(l, "ioctl(SIOCSIFFLAGS)", ioctl(fd, SIOCSIFFLAGS, &request));
	}
	close(fd);
	return result;
}
