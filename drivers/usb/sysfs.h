/*
 * drivers/usb/sysfs.h - what the kernel knows of a USB interface, read without opening the device.
 */
#ifndef CF_DRIVERS_USB_SYSFS_H
#define CF_DRIVERS_USB_SYSFS_H

#include "drivers/port/port.h"

/* device: "1-2.3"; configuration: its bConfigurationValue. Fills in serial, name, kernel_holds and, of a HID interface
 * that the kernel has looked at, the report descriptor. What is not there stays empty. */
void cf_sysfs_look(const char *device, unsigned configuration, struct cf_port_info *info);

#endif
