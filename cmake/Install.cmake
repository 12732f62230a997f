# SPDX-License-Identifier: GPL-3.0-or-later
# What `cmake --install` puts where, and the tarball of `cpack -G TGZ`. The tree can be moved: programs find LibTorch and the
# default model from where they are themselves. Qt and the smaller libraries are Debian's (docs/install.md names them).
option(HEADKV_INSTALL_MODEL "Install the default model with the program" ON)
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON) # no need to build the tests
set(libraries lib/headkv)

set_target_properties(headkv headkv-explorer PROPERTIES INSTALL_RPATH "$ORIGIN/../${libraries}")
install(TARGETS headkv headkv-explorer RUNTIME DESTINATION bin)
if(TARGET headkv_mpi)
  install(TARGETS headkv_mpi LIBRARY DESTINATION lib)
endif()

# LibTorch's CPU half, and the CUDA libraries that it is linked against; its own run path has $ORIGIN in it.
file(GLOB torch_libraries "${LibTorch_ROOT}/lib/libtorch_cpu.so" "${LibTorch_ROOT}/lib/libc10.so" "${LibTorch_ROOT}/lib/libgomp*.so*"
  "${LibTorch_ROOT}/../nvidia/cu13/lib/libcudart.so.*" "${LibTorch_ROOT}/../nvidia/cu13/lib/libcupti.so.*")
install(PROGRAMS ${torch_libraries} DESTINATION ${libraries})

if(HEADKV_INSTALL_MODEL)
  install(DIRECTORY "${HEADKV_PREFIX}/models" DESTINATION share/headkv)
endif()

set(desktop "${PROJECT_SOURCE_DIR}/resources/desktop")
install(FILES "${desktop}/headkv-explorer.desktop" DESTINATION share/applications)
install(FILES "${desktop}/org.headkv.Explorer.metainfo.xml" DESTINATION share/metainfo)
install(FILES "${desktop}/headkv-session.xml" DESTINATION share/mime/packages)
install(FILES "${desktop}/headkv-explorer.svg" DESTINATION share/icons/hicolor/scalable/apps)
install(FILES "${HEADKV_REFERENCE}/headkv.man" DESTINATION share/man/man1 RENAME headkv.1)
install(FILES "${HEADKV_REFERENCE}/headkv.bash" DESTINATION share/bash-completion/completions RENAME headkv)
install(FILES "${HEADKV_REFERENCE}/headkv.zsh" DESTINATION share/zsh/site-functions RENAME _headkv)
install(FILES "${HEADKV_REFERENCE}/headkv.fish" DESTINATION share/fish/vendor_completions.d)
install(FILES "${PROJECT_SOURCE_DIR}/README.md" "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION share/doc/headkv)
install(DIRECTORY "${PROJECT_SOURCE_DIR}/docs" DESTINATION share/doc/headkv)

set(CPACK_GENERATOR TGZ)
set(CPACK_PACKAGE_NAME headkv-explorer)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_FILE_NAME "headkv-explorer-${PROJECT_VERSION}-linux-${CMAKE_SYSTEM_PROCESSOR}")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_RESOURCE_FILE_LICENSE "${PROJECT_SOURCE_DIR}/LICENSE")
set(CPACK_STRIP_FILES ON)
include(CPack)
