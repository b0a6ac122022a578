# Two helpers: tenfold_library(NAME SOURCES … DEPS …) and tenfold_test(NAME SOURCES … DEPS …).

add_library(tenfold_flags INTERFACE)
target_include_directories(tenfold_flags INTERFACE ${CMAKE_SOURCE_DIR}/include ${CMAKE_SOURCE_DIR}/src)
# GCC 12 sees overlaps and unset values in std::string and std::variant that are not there (GCC bug 105651).
target_compile_options(tenfold_flags INTERFACE -Wall -Wextra -Wconversion -Werror
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict> $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
target_compile_definitions(tenfold_flags INTERFACE TENFOLD_VERSION="${PROJECT_VERSION}")
if(TENFOLD_SANITIZE)
  target_compile_options(tenfold_flags INTERFACE -fsanitize=${TENFOLD_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(tenfold_flags INTERFACE -fsanitize=${TENFOLD_SANITIZE})
endif()
if(TENFOLD_COVERAGE)
  target_compile_options(tenfold_flags INTERFACE --coverage -fprofile-update=atomic)
  target_link_options(tenfold_flags INTERFACE --coverage)
endif()

function(tenfold_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPS" ${ARGN})
  add_library(${name} STATIC ${arg_SOURCES})
  target_link_libraries(${name} PUBLIC tenfold_flags ${arg_DEPS})
endfunction()

# Working directory of every test is the source root, so fixtures are named from there.
function(tenfold_test name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPS" ${ARGN})
  if(NOT BUILD_TESTING)
    return()
  endif()
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE tenfold_flags ${arg_DEPS} GTest::gmock GTest::gtest_main)
  gtest_discover_tests(${name} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR} DISCOVERY_TIMEOUT 60
                       PROPERTIES TIMEOUT 300)
endfunction()
