/*
 * base/version.h - the version of the software, as CMakeLists.txt has it; each start of a till notes it.
 */
#ifndef CF_BASE_VERSION_H
#define CF_BASE_VERSION_H

#define CF_VERSION "0.1.0"

#endif
