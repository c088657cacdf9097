/*
 * The container's scope: a unit that systemd makes around the init, and keeps its limits.
 */
#define _GNU_SOURCE
#include "bus.h"
#include "cgroup_walk.h"
#include "launch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MANAGER "org.freedesktop.systemd1.Manager"

/* One connection for all steps of a plan. Static: it is large, and there is no malloc. */
static struct bus bus = { .fd = -1 };

void close_systemd(void)
{
	bus_close(&bus);
}

static bool is_absent(int errnum)
{
	return errnum == ENOENT || errnum == ECONNREFUSED;
}

/* What was waited for in vain is told with how long. */
static int fail(struct launch *l, const char *call)
{
	if (errno == ETIMEDOUT)
		give_up(l, bus.timeout_ms);
	return (int)check(l, call, -1);
}

/* The first socket that is there. */
static int reach(struct launch *l, const struct plan_step *s, int sockets, int timeout)
{
	long timeout_ms = deadline_or((long)s->arg[timeout]);
	int absent = ENOENT;

	bus_set_timeout(&bus, timeout_ms);
	if (bus.fd >= 0)
		return 0;
	for (uint32_t i = 0; i < list_count(s, sockets); i++) {
		const char *address = list_text(l, s, sockets, i);

		if (!address || bus_open(&bus, address, timeout_ms) == 0)
			return address ? 0 : -1;
		if (!is_absent(errno))
			return -1;
		absent = errno;
	}
	errno = absent;
	return -1;
}

static bool is_error(const char *name)
{
	return errno == EREMOTEIO && strcmp(bus.error, name) == 0;
}

/* What systemd has answered goes into the record. */
static int conclude(struct launch *l, const char *method, int result)
{
	char words[2 * BUS_TEXT_ROOM + 8];
	int saved = errno;

	if (result == 0)
		return 0;
	if (saved == EREMOTEIO && !l->failure->recorded) {
		int n = snprintf(words, sizeof(words), "%s (%s)", bus.text, bus.error);

		detail(l, words, (size_t)n);
	}
	/* After half an answer the next would not be understood. */
	if (saved != EREMOTEIO)
		bus_close(&bus);
	errno = saved;
	return fail(l, method);
}

static int simple_call(const char *method, const char *unit, const char *mode)
{
	bus_begin(&bus, MANAGER, method, mode ? "ss" : "s");
	dbus_put_text(&bus.out, unit);
	if (mode)
		dbus_put_text(&bus.out, mode);
	return bus_call(&bus);
}

static void put_property(const char *name, const char *type)
{
	dbus_align(&bus.out, 8);
	dbus_put_text(&bus.out, name);
	dbus_put_signature(&bus.out, type);
}

static void put_list(struct launch *l, uint64_t index)
{
	size_t length;
	const char *bytes = plan_raw(&l->plan, index, &length);

	if (length > 0)
		dbus_align(&bus.out, 8);
	dbus_put_bytes(&bus.out, bytes, length);
}

static void put_pid(struct launch *l)
{
	dbus_put_number(&bus.out, sizeof(uint32_t)); /* bytes of the array */
	dbus_put_number(&bus.out, (uint32_t)strtoul(l->slots[SLOT_PID], NULL, 10));
}

static bool is_empty(struct launch *l, uint64_t index)
{
	size_t length;

	plan_raw(&l->plan, index, &length);
	return length == 0;
}

/* systemd may be too old for some of the properties, or their values: those are in the cgroup's
 * files, too. */
static bool without_recent(struct launch *l, uint64_t recent)
{
	return (is_error("org.freedesktop.DBus.Error.PropertyReadOnly") ||
		is_error("org.freedesktop.DBus.Error.InvalidArgs")) &&
	       !is_empty(l, recent);
}

/* Where systemd keeps its units: an ordinary user's are somewhere below the system's. */
int step_systemd_manager(struct launch *l, const struct plan_step *s)
{
	static char own[BUS_TEXT_ROOM];
	size_t length;

	if (reach(l, s, ARG_SYSTEMD_MANAGER_SOCKETS, ARG_SYSTEMD_MANAGER_TIMEOUT) < 0)
		return fail(l, "connect");
	bus_begin(&bus, "org.freedesktop.DBus.Properties", "Get", "ss");
	dbus_put_text(&bus.out, MANAGER);
	dbus_put_text(&bus.out, "ControlGroup");
	if (conclude(l, "Get", bus_call(&bus)) < 0)
		return -1;
	snprintf(own, sizeof(own), "%s", bus.text);
	length = strlen(own);
	if (length > 0 && own[length - 1] == '/')
		own[length - 1] = '\0';
	if ((*own && *own != '/') || strstr(own, "/../")) {
		errno = EBADMSG;
		return (int)check(l, "Get", -1);
	}
	l->slots[SLOT_SYSTEMD_CGROUP] = own;
	return 0;
}

static int start_scope(struct launch *l, const struct plan_step *s, const char *unit, bool recent)
{
	const char *description = text_arg(l, s, ARG_SYSTEMD_SCOPE_DESCRIPTION);
	size_t list;

	bus_begin(&bus, MANAGER, "StartTransientUnit", "ssa(sv)a(sa(sv))");
	dbus_put_text(&bus.out, unit);
	dbus_put_text(&bus.out, "replace");
	list = dbus_begin_array(&bus.out);
	put_list(l, s->arg[ARG_SYSTEMD_SCOPE_PROPERTIES]);
	if (recent)
		put_list(l, s->arg[ARG_SYSTEMD_SCOPE_RECENT]);
	put_property("Description", "s");
	dbus_put_text(&bus.out, description);
	put_property("PIDs", "au");
	put_pid(l);
	dbus_end_array(&bus.out, list);
	list = dbus_begin_array(&bus.out); /* other units to start with it: none */
	dbus_end_array(&bus.out, list);
	return bus_call(&bus);
}

int step_systemd_scope(struct launch *l, const struct plan_step *s)
{
	const char *unit = text_arg(l, s, ARG_SYSTEMD_SCOPE_UNIT);
	bool recent = true;
	bool exists = false;
	int result;

	if (!unit)
		return -1;
	if (reach(l, s, ARG_SYSTEMD_SCOPE_SOCKETS, ARG_SYSTEMD_SCOPE_TIMEOUT) < 0)
		return fail(l, "connect");
	bus.unit = unit;
	for (;;) {
		result = start_scope(l, s, unit, recent);
		if (result < 0 && recent && without_recent(l, s->arg[ARG_SYSTEMD_SCOPE_RECENT])) {
			recent = false;
		} else if (result < 0 && !exists &&
			   is_error("org.freedesktop.systemd1.UnitExists")) {
			/* One that has failed is kept until it is reset. */
			exists = true;
			simple_call("ResetFailedUnit", unit, NULL);
		} else {
			break;
		}
	}
	/* Then it is not ours to stop. */
	if (result < 0 && is_error("org.freedesktop.systemd1.UnitExists"))
		disown_cgroups(l);
	if (result == 0)
		result = bus_wait_job(&bus);
	if (result == 0 && strcmp(bus.result, "done") != 0) {
		snprintf(bus.text, sizeof(bus.text), "the job ended as \"%.64s\"", bus.result);
		snprintf(bus.error, sizeof(bus.error), "JobRemoved");
		errno = EREMOTEIO;
		result = -1;
	}
	bus.unit = NULL;
	return conclude(l, "StartTransientUnit", result);
}

int step_systemd_set(struct launch *l, const struct plan_step *s)
{
	bool recent = true;
	size_t list;
	int result;

	if (reach(l, s, ARG_SYSTEMD_SET_SOCKETS, ARG_SYSTEMD_SET_TIMEOUT) < 0)
		return fail(l, "connect");
	do {
		bus_begin(&bus, MANAGER, "SetUnitProperties", "sba(sv)");
		dbus_put_text(&bus.out, text_arg(l, s, ARG_SYSTEMD_SET_UNIT));
		dbus_put_number(&bus.out, 1); /* until the unit ends */
		list = dbus_begin_array(&bus.out);
		put_list(l, s->arg[ARG_SYSTEMD_SET_PROPERTIES]);
		if (recent)
			put_list(l, s->arg[ARG_SYSTEMD_SET_RECENT]);
		dbus_end_array(&bus.out, list);
		result = bus_call(&bus);
	} while (result < 0 && recent && without_recent(l, s->arg[ARG_SYSTEMD_SET_RECENT]) &&
		 !(recent = false));
	return conclude(l, "SetUnitProperties", result);
}

/* An ordinary user may write to the scope, but not take a process out of his session's. */
int step_systemd_attach(struct launch *l, const struct plan_step *s)
{
	const char *subgroup = text_arg(l, s, ARG_SYSTEMD_ATTACH_SUBGROUP);
	int result = join_cgroup(l, text_arg(l, s, ARG_SYSTEMD_ATTACH_DIR), FLAG_CGROUP_LIKE_INIT);

	if (result == 0 || (errno != EACCES && errno != EPERM))
		return (int)check(l, "write(cgroup.procs)", result);
	if (reach(l, s, ARG_SYSTEMD_ATTACH_SOCKETS, ARG_SYSTEMD_ATTACH_TIMEOUT) < 0)
		return fail(l, "connect");
	bus_begin(&bus, MANAGER, "AttachProcessesToUnit", "ssau");
	dbus_put_text(&bus.out, text_arg(l, s, ARG_SYSTEMD_ATTACH_UNIT));
	dbus_put_text(&bus.out, *subgroup ? subgroup : "/");
	put_pid(l);
	return conclude(l, "AttachProcessesToUnit", bus_call(&bus));
}

/*
 * The processes have ended, and so the scope does by itself; but the next one of that name, and
 * whoever looks, must not meet what is left of it.
 */
int step_systemd_stop(struct launch *l, const struct plan_step *s)
{
	const char *unit = text_arg(l, s, ARG_SYSTEMD_STOP_UNIT);
	int own = owns_cgroups(l);
	int result;

	if (!unit || own <= 0)
		return unit ? own : -1;
	if (reach(l, s, ARG_SYSTEMD_STOP_SOCKETS, ARG_SYSTEMD_STOP_TIMEOUT) < 0) {
		/* A user who has left has no systemd any more, and that had all of his units. */
		if (is_absent(errno))
			return 0;
		return fail(l, "connect");
	}
	bus.unit = unit;
	result = simple_call("StopUnit", unit, "replace");
	if (result == 0)
		result = bus_wait_job(&bus);
	else if (is_error("org.freedesktop.systemd1.NoSuchUnit"))
		result = 0;
	bus.unit = NULL;
	if (result == 0 && simple_call("ResetFailedUnit", unit, NULL) < 0 && errno != EREMOTEIO)
		result = -1;
	return conclude(l, "StopUnit", result);
}
