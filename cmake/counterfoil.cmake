# Rules that every folder of the project shares.
#
#   cf_library(NAME SOURCES ... DEPS public libs... PRIVATE hidden libs...)   a static library, one a leaf folder
#   cf_program(NAME SOURCES ... DEPS libs...)                                 an executable in build/bin
#   cf_tests(DEPS libs... [SOURCES a_test.c ...] [SUPPORT extra.c ...])       one program a *_test.c of this folder
#   cf_sql(NAME OUT var DIR dir)                                              embeds the .sql files of a folder

set(CMAKE_C_STANDARD 11)
set(CMAKE_C_EXTENSIONS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
find_package(PkgConfig REQUIRED)

add_library(cf_flags INTERFACE)
target_compile_options(cf_flags INTERFACE
    -Wall -Wextra -Werror -Wconversion -Wshadow -Wswitch-enum -Wformat=2 -Wvla
    -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wundef
    -fno-strict-aliasing -fstack-protector-strong)
target_compile_definitions(cf_flags INTERFACE _GNU_SOURCE)
target_include_directories(cf_flags INTERFACE "${CMAKE_SOURCE_DIR}")
# Asserts state our own mistakes and stay on in release: never let a build type define NDEBUG.
string(REPLACE "-DNDEBUG" "" CMAKE_C_FLAGS_RELEASE "${CMAKE_C_FLAGS_RELEASE}")
string(REPLACE "-DNDEBUG" "" CMAKE_C_FLAGS_RELWITHDEBINFO "${CMAKE_C_FLAGS_RELWITHDEBINFO}")
if(CF_SANITIZE)
    target_compile_options(cf_flags INTERFACE -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(cf_flags INTERFACE -fsanitize=address,undefined)
endif()
if(CF_FUZZ)
    # Every library counts its branches, else libFuzzer searches blindly.
    target_compile_options(cf_flags INTERFACE
        -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(cf_flags INTERFACE -fsanitize=address,undefined)
endif()

function(cf_library name)
    cmake_parse_arguments(A "" "" "SOURCES;DEPS;PRIVATE" ${ARGN})
    add_library(${name} STATIC ${A_SOURCES})
    target_link_libraries(${name} PUBLIC cf_flags ${A_DEPS} PRIVATE ${A_PRIVATE})
endfunction()

function(cf_program name)
    cmake_parse_arguments(A "" "" "SOURCES;DEPS" ${ARGN})
    add_executable(${name} ${A_SOURCES})
    target_link_libraries(${name} PRIVATE cf_flags ${A_DEPS})
endfunction()

# Test programs land in build/tests/<path of the folder>/; tools/run-tests finds them there.
function(cf_tests)
    cmake_parse_arguments(A "" "" "SOURCES;DEPS;SUPPORT" ${ARGN})
    if(NOT A_SOURCES)
        file(GLOB A_SOURCES CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*_test.c")
    endif()
    file(RELATIVE_PATH where "${CMAKE_SOURCE_DIR}/tests" "${CMAKE_CURRENT_SOURCE_DIR}")
    string(REPLACE "/" "_" prefix "${where}")
    foreach(source IN LISTS A_SOURCES)
        get_filename_component(stem "${source}" NAME_WE)
        add_executable(${prefix}_${stem} ${source} ${A_SUPPORT})
        set_target_properties(${prefix}_${stem} PROPERTIES
            OUTPUT_NAME ${stem} RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests/${where}")
        target_link_libraries(${prefix}_${stem} PRIVATE cf_flags ${A_DEPS} cmocka)
        target_compile_definitions(${prefix}_${stem} PRIVATE
            CF_SOURCE_DIR="${CMAKE_SOURCE_DIR}" CF_BINARY_DIR="${CMAKE_BINARY_DIR}")
    endforeach()
endfunction()

# Embeds schema/*.sql or query/*.sql of a folder as C strings: <OUT> is a header that defines, in name order,
#   static const struct { const char *name; const char *text; } cf_sql_<NAME>[]
function(cf_sql name)
    cmake_parse_arguments(A "" "OUT;DIR" "" ${ARGN})
    file(GLOB files CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/${A_DIR}/*.sql")
    list(SORT files)
    set(out "${CMAKE_CURRENT_BINARY_DIR}/sql_${name}.h")
    add_custom_command(OUTPUT "${out}"
        COMMAND sh "${CMAKE_SOURCE_DIR}/tools/embed-sql" ${name} "${out}" ${files}
        DEPENDS ${files} "${CMAKE_SOURCE_DIR}/tools/embed-sql" VERBATIM)
    set(${A_OUT} "${out}" PARENT_SCOPE)
endfunction()
