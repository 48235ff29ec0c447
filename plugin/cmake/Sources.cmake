# SPDX-License-Identifier: MIT
# mapihttp_source(PACKAGE ARCHIVE SHA256 RET_FOLDER): the unpacked sources of what others have released.
#
# The archive is taken from the folder that MAPIHTTP_SOURCES (a CMake or an environment variable) names; where
# neither is set, from build/third_party/sources, into which Debian's source package is downloaded first if
# it is not there. Whatever it came from, its bytes must be those that SHA256 says.
set(MAPIHTTP_SOURCES "" CACHE PATH "Folder of released sources; empty: they are downloaded")
if(NOT MAPIHTTP_SOURCES)
    set(MAPIHTTP_SOURCES "$ENV{MAPIHTTP_SOURCES}")
endif()

function(mapihttp_check_sum archive sum)
    file(SHA256 ${archive} got)
    if(NOT got STREQUAL sum)
        message(FATAL_ERROR "${archive} is not the released file:\n  SHA-256 expected ${sum}\n  SHA-256 got      ${got}")
    endif()
endfunction()

# Into a folder of its own first, so that nothing half or wrong is ever in the cache.
function(mapihttp_download package archive sum cache)
    string(RANDOM LENGTH 8 name)
    set(fresh ${cache}.${name})
    message(STATUS "Downloading the sources of ${package}")
    execute_process(COMMAND sh ${PROJECT_SOURCE_DIR}/plugin/cmake/fetch.sh ${fresh} ${package}
        RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
    if(NOT result EQUAL 0 OR NOT EXISTS ${fresh}/${archive})
        file(REMOVE_RECURSE ${fresh})
        message(FATAL_ERROR "the sources of ${package} cannot be downloaded; put ${archive} into a folder and name "
            "that with -DMAPIHTTP_SOURCES=FOLDER\n${output}")
    endif()
    mapihttp_check_sum(${fresh}/${archive} ${sum})
    file(MAKE_DIRECTORY ${cache})
    file(RENAME ${fresh}/${archive} ${cache}/${archive})
    file(REMOVE_RECURSE ${fresh})
endfunction()

function(mapihttp_source package archive sum ret_folder)
    set(folder ${MAPIHTTP_SOURCES})
    if(NOT folder)
        set(folder ${PROJECT_SOURCE_DIR}/build/third_party/sources)
        if(NOT EXISTS ${folder}/${archive})
            mapihttp_download(${package} ${archive} ${sum} ${folder})
        endif()
    elseif(NOT EXISTS ${folder}/${archive})
        message(FATAL_ERROR "there is no ${archive} in MAPIHTTP_SOURCES, which is ${folder}")
    endif()
    mapihttp_check_sum(${folder}/${archive} ${sum})
    string(REGEX REPLACE "_([0-9.]+)\\.orig\\..*" "-\\1" name ${archive})
    set(unpacked ${PROJECT_BINARY_DIR}/third_party/${name})
    if(NOT EXISTS ${unpacked}/unpacked)
        file(REMOVE_RECURSE ${unpacked})
        file(ARCHIVE_EXTRACT INPUT ${folder}/${archive} DESTINATION ${PROJECT_BINARY_DIR}/third_party)
        file(TOUCH ${unpacked}/unpacked)
    endif()
    set(${ret_folder} ${unpacked} PARENT_SCOPE)
endfunction()
