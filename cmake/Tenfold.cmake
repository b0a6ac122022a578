# tenfold_library(NAME SOURCES … DEPS …), tenfold_test(NAME SOURCES … DEPS …), tenfold_computes(TARGET),
# tenfold_waits(TARGET), tenfold_engine_prefix(ENGINE OUT) and tenfold_worker(ENGINE).

# The folder that src/base/paths.h calls the cache.
if(NOT "$ENV{TENFOLD_HOME}" STREQUAL "")
  set(TENFOLD_CACHE $ENV{TENFOLD_HOME}/cache)
elseif("$ENV{XDG_CACHE_HOME}" MATCHES "^/")
  set(TENFOLD_CACHE $ENV{XDG_CACHE_HOME}/tenfold)
else()
  set(TENFOLD_CACHE $ENV{HOME}/.cache/tenfold)
endif()

# What makes a build faster is used where it is there.
find_program(TENFOLD_CCACHE ccache)
if(TENFOLD_CCACHE AND NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${TENFOLD_CCACHE})
endif()
find_program(TENFOLD_MOLD mold)
if(TENFOLD_MOLD AND NOT CMAKE_EXE_LINKER_FLAGS MATCHES fuse-ld AND (CMAKE_CXX_COMPILER_ID MATCHES Clang OR CMAKE_CXX_COMPILER_VERSION VERSION_GREATER_EQUAL 12.1))
  add_link_options(-fuse-ld=mold)
endif()

add_library(tenfold_flags INTERFACE)
target_include_directories(tenfold_flags INTERFACE ${CMAKE_SOURCE_DIR}/include ${CMAKE_SOURCE_DIR}/src)
# GCC 12 sees overlaps, unset values and wrong frees in std::string and std::variant that are not there (GCC bug 105651).
target_compile_options(tenfold_flags INTERFACE -Wall -Wextra -Wconversion $<$<BOOL:${TENFOLD_WERROR}>:-Werror>
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict> $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>
  $<$<CXX_COMPILER_ID:GNU>:-Wno-free-nonheap-object>
  # As GCC means -Wconversion.
  $<$<CXX_COMPILER_ID:Clang>:-Wno-sign-conversion>)
if(CMAKE_UNITY_BUILD)
  # There a source is a file that another includes, as if a header had unnamed types.
  target_compile_options(tenfold_flags INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
endif()
target_compile_definitions(tenfold_flags INTERFACE TENFOLD_VERSION="${PROJECT_VERSION}")
if(TENFOLD_SANITIZE)
  # Clang 14 cannot check pointers to functions where there are coroutines; GCC does not.
  target_compile_options(tenfold_flags INTERFACE -fsanitize=${TENFOLD_SANITIZE} -fno-omit-frame-pointer
    $<$<CXX_COMPILER_ID:Clang>:-fno-sanitize=function>)
  target_link_options(tenfold_flags INTERFACE -fsanitize=${TENFOLD_SANITIZE})
  target_compile_definitions(tenfold_flags INTERFACE TENFOLD_SANITIZED)
  if(TENFOLD_SANITIZE MATCHES thread)
    # The sanitizer does not know fences; Asio's queues are guarded by mutexes as well.
    target_compile_definitions(tenfold_flags INTERFACE TENFOLD_THREAD_SANITIZED BOOST_ASIO_DISABLE_FENCED_BLOCK)
    # GCC 12 takes a coroutine's own operator new and delete for a mismatch where it has inlined one of them.
    target_compile_options(tenfold_flags INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-mismatched-new-delete>)
  endif()
endif()
if(TENFOLD_COVERAGE)
  target_compile_options(tenfold_flags INTERFACE -fprofile-instr-generate -fcoverage-mapping -fprofile-update=atomic)
  target_link_options(tenfold_flags INTERFACE -fprofile-instr-generate)
endif()

function(tenfold_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPS" ${ARGN})
  add_library(${name} STATIC ${arg_SOURCES})
  target_link_libraries(${name} PUBLIC tenfold_flags ${arg_DEPS})
  # In a unity build most rooms are one source: reading the headers is a third of a compilation.
  set_target_properties(${name} PROPERTIES UNITY_BUILD_BATCH_SIZE 24)
endfunction()

# What computes for each token keeps the -O3 that the rest of a release gains nothing from.
function(tenfold_computes target)
  target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O3>)
endfunction()

# What waits for people, disks and networks is compiled sooner.
function(tenfold_waits target)
  target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O1>)
endfunction()

# Working directory of every test is the source root, so fixtures are named from there.
function(tenfold_test name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPS" ${ARGN})
  if(NOT BUILD_TESTING)
    return()
  endif()
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE tenfold_flags ${arg_DEPS} GTest::gmock GTest::gtest_main)
  if(TENFOLD_SANITIZE)
    # There a process takes longer to start and to end than most tests take: three have all the tests.
    foreach(shard RANGE 2)
      add_test(NAME ${name}.${shard} COMMAND ${name} --gtest_brief WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
      set_tests_properties(${name}.${shard} PROPERTIES TIMEOUT 900 ENVIRONMENT "GTEST_TOTAL_SHARDS=3;GTEST_SHARD_INDEX=${shard}")
    endforeach()
  else()
    gtest_discover_tests(${name} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR} DISCOVERY_TIMEOUT 300 PROPERTIES TIMEOUT 300)
  endif()
endfunction()

# The folder deps/fetch ENGINE made, or TENFOLD_<ENGINE>_PREFIX. Configuring must not download, so a missing one is an
# error that names the command.
function(tenfold_engine_prefix engine out)
  string(TOUPPER ${engine} upper)
  set(TENFOLD_${upper}_PREFIX "" CACHE PATH "Where ${engine}'s packages are; empty: what deps/fetch ${engine} made")
  set(prefix "${TENFOLD_${upper}_PREFIX}")
  if(NOT prefix)
    execute_process(COMMAND ${CMAKE_SOURCE_DIR}/deps/fetch --where ${engine} OUTPUT_VARIABLE prefix
                    OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  endif()
  if(NOT EXISTS "${prefix}/.complete")
    message(FATAL_ERROR "The packages of ${engine} are not there. Run `deps/fetch ${engine}` (needs the network once), "
                        "or set TENFOLD_${upper}_PREFIX, or configure with -DTENFOLD_ENGINE_${upper}=OFF.")
  endif()
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/deps/fetch
    ${CMAKE_SOURCE_DIR}/deps/engines.lock ${CMAKE_SOURCE_DIR}/deps/${engine}.sh)
  set(${out} "${prefix}" PARENT_SCOPE)
endfunction()

# The worker program of an engine: worker_main.cc over the library tenfold_<ENGINE>.
function(tenfold_worker engine)
  tenfold_computes(tenfold_${engine})
  add_executable(tenfold-engine-${engine} worker_main.cc)
  target_link_libraries(tenfold-engine-${engine} PRIVATE tenfold_${engine} tenfold_worker)
  install(TARGETS tenfold-engine-${engine} RUNTIME DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/tenfold)
endfunction()
