/* Faults for the tests of what is undone. */
#ifndef TSOCI_FAULT_H
#define TSOCI_FAULT_H

#include "launch.h"

#ifdef TSOCI_FAULTS
/* TSOCI_FAULT=SECTION:INDEX:kill|fail[,...], to die or fail in front of a step. */
int inject_fault(struct launch *l, enum plan_section section, uint32_t index);
#else
#define inject_fault(l, section, index) 0
#endif

#endif
