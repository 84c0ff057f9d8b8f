# Astro Runtime 3.3: Airflow 3.3, the minor version of the Composer image, on Python 3.12. `astro dev start` and
# docker-compose.yaml build it. The base image installs packages.txt and requirements.txt by itself.
FROM astrocrpublic.azurecr.io/runtime:3.3-8-python-3.12
# The volume of docker-compose.yaml takes the owner of this folder. Without the folder, it would belong to root.
RUN mkdir -p /usr/local/airflow/state
