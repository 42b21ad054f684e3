/*
 * tests/drivers/scanner/descriptors.h - report descriptors as makers lay them out, and reports that go with them.
 */
#ifndef CF_TESTS_DESCRIPTORS_H
#define CF_TESTS_DESCRIPTORS_H

#include "base/bytes.h"

#define POS_REPORT_BYTES 64
#define POS_DATA_BYTES 56

cf_bytes descriptor_honeywell(void); /* AIM before the data, id 2, and a feature report 0xfe that switches it on */
cf_bytes descriptor_quio(void);      /* no AIM; the maker's symbology in byte 62 */
cf_bytes descriptor_microscan(void); /* as Honeywell's, within a collection of the vendor's page */
cf_bytes descriptor_plain(void);     /* no report ids, no length: 32 bytes of data that zeros fill up */
cf_bytes descriptor_terse(void);     /* says that it is a scanner, and nothing of its data */
cf_bytes descriptor_keyboard(void);
cf_bytes descriptor_mouse(void);

/* Part of a scan as Honeywell sends it. aim: three characters, or NULL. n <= POS_DATA_BYTES. */
void report_honeywell(uint8_t report[POS_REPORT_BYTES], const char *aim, const void *data, size_t n, int more);

#endif
